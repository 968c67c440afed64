import { randomBytes } from 'node:crypto';
import * as A from '@automerge/automerge';
import { automergeUrlOf, documentIdOf } from '@syncline/shared';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  MemoryStorage,
  type Notes,
  RepoClient,
  type RepoVersion,
  stockRepos,
} from '../support/automerge-repo-client.ts';
import { nothingHeld, syncWith, WireRepo } from '../support/automerge-repo-wire.ts';
import { StockClient } from '../support/client.ts';
import { GuardedServer } from '../support/guarded-server.ts';
import { ServerProcess, temporaryFolder } from '../support/server.ts';
import { storedUpdates } from '../support/stored-updates.ts';
import { until } from '../support/until.ts';

describe.each(Object.keys(stockRepos) as RepoVersion[])('automerge-repo %s', (version) => {
  let folder: ReturnType<typeof temporaryFolder>;
  let server: ServerProcess;

  beforeAll(async () => {
    folder = temporaryFolder();
    server = await ServerProcess.start({ data: folder.path });
  });

  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  it(`[ARP10] automerge-repo ${version}: join, edit both ways: a client finds what another one has made, and both type`, async () => {
    using anna = new RepoClient({ url: server.automerge, version });
    using ben = new RepoClient({ url: server.automerge, version });
    const annas = anna.create({ text: 'hello' });
    const bens = await ben.find(annas.url);
    expect(bens.doc().text).toBe('hello');
    bens.change((notes) => void (notes.text = 'hello ben'));
    await until('anna has it', () => annas.doc().text === 'hello ben');
    annas.change((notes) => void (notes.text = 'hello anna'));
    await until('ben has it', () => bens.doc().text === 'hello anna');
    await until('both know that it is safe', () => anna.isSafe(annas) && ben.isSafe(bens));
  });

  it(`[ARP12] automerge-repo ${version}: ephemeral both ways: what is said comes to each of the others once`, async () => {
    using anna = new RepoClient({ url: server.automerge, version });
    using ben = new RepoClient({ url: server.automerge, version });
    using cleo = new RepoClient({ url: server.automerge, version });
    const annas = anna.create({ text: 'hello' });
    const handles = [annas, await ben.find(annas.url), await cleo.find(annas.url)];
    const heard = handles.map((handle) => {
      const messages: unknown[] = [];
      handle.on('ephemeral-message', ({ message }) => messages.push(message));
      return messages;
    });
    for (let n = 1; n <= 3; n++) annas.broadcast({ anna: n });
    await until('the others hear it', () => heard[1]!.length >= 3 && heard[2]!.length >= 3);
    handles[1]!.broadcast({ ben: 1 });
    await until('the others hear ben', () => heard[0]!.length > 0 && heard[2]!.length > 3);
    // What comes back by a detour comes before what is said now.
    handles[2]!.broadcast({ cleo: 1 });
    await until('the others hear cleo', () => heard[0]!.length > 1 && heard[1]!.length > 3);
    const annaSaid = [{ anna: 1 }, { anna: 2 }, { anna: 3 }];
    expect(heard).toEqual([
      [{ ben: 1 }, { cleo: 1 }],
      [...annaSaid, { cleo: 1 }],
      [...annaSaid, { ben: 1 }],
    ]);
  });

  it(`[ARP10] automerge-repo ${version}: offline edits and reconnect: what both sides typed is exchanged`, async () => {
    using anna = new RepoClient({ url: server.automerge, version });
    using ben = new RepoClient({ url: server.automerge, version });
    const annas = anna.create({ items: {} });
    const bens = await ben.find(annas.url);
    ben.disconnect();
    for (let n = 0; n < 5; n++) {
      annas.change((notes) => void (notes.items![`anna ${n}`] = n));
      bens.change((notes) => void (notes.items![`ben ${n}`] = n));
    }
    await until('what anna typed is safe', () => anna.isSafe(annas));
    expect(Object.keys(annas.doc().items!)).toHaveLength(5);
    ben.reconnect();
    await until('anna has everything', () => Object.keys(annas.doc().items!).length === 10);
    await until('ben has everything', () => Object.keys(bens.doc().items!).length === 10);
    expect(annas.doc()).toEqual(bens.doc());
    await until('both know that it is safe', () => anna.isSafe(annas) && ben.isSafe(bens));
  });

  it(`[ARP10] automerge-repo ${version}: server SIGKILL and restart: it has what it said it had, and is brought the rest`, async () => {
    using own = temporaryFolder();
    const first = await ServerProcess.start({ data: own.path });
    const storage = new MemoryStorage();
    using anna = new RepoClient({ url: first.automerge, version, storage });
    const annas = anna.create({ text: 'before' });
    await until('it is safe', () => anna.isSafe(annas));
    await first.end('SIGKILL');
    await until('the client sees it', () => anna.repo.peers.length === 0);
    annas.change((notes) => void (notes.text = 'after'));
    await using again = await first.restart();
    using ben = new RepoClient({ url: again.automerge, version });
    const bens = await ben.find(annas.url);
    await until('ben has what was typed meanwhile', () => bens.doc().text === 'after');
    await until('anna knows that it is safe', () => anna.isSafe(annas));
  });

  it(`[ARP10] automerge-repo ${version}: 5 MB document: it comes whole, at first and after a restart`, async () => {
    using own = temporaryFolder();
    await using first = await ServerProcess.start({ data: own.path });
    using anna = new RepoClient({ url: first.automerge, version });
    const annas = anna.create({ pages: [] });
    for (let page = 0; page < 50; page++)
      annas.change((notes) => void notes.pages!.push(new Uint8Array(randomBytes(100 * 1024))));
    using ben = new RepoClient({ url: first.automerge, version });
    await until('it is safe', () => anna.isSafe(annas));
    const bens = await ben.find(annas.url);
    await until('ben has it', () => bens.doc().pages!.length === 50);
    expect(bens.heads()).toEqual(annas.heads());
    expect(await first.end()).toEqual({ code: 0, signal: null });
    await using again = await first.restart();
    using cleo = new RepoClient({ url: again.automerge, version });
    const cleos = await cleo.find(annas.url);
    expect(cleos.heads()).toEqual(annas.heads());
  });

  it(`[ARP14] automerge-repo ${version}: read-only: they see everything, and what they type stays with them`, async () => {
    await using guarded = await GuardedServer.start();
    const { key } = guarded;
    const writer = key.sign({ subject: 'anna', write: ['**'] });
    const reader = key.sign({ subject: 'ben', read: ['**'] });
    using anna = new RepoClient({ url: guarded.server.automerge, version, token: writer });
    using ben = new RepoClient({ url: guarded.server.automerge, version, token: reader });
    const annas = anna.create({ text: 'hello' });
    const bens = await ben.find(annas.url);
    expect(bens.doc().text).toBe('hello');
    bens.change((notes) => void (notes.items = { mine: 1 }));
    annas.change((notes) => void (notes.text = 'hello again'));
    await until('ben has it', () => bens.doc().text === 'hello again');
    await until('it is safe', () => anna.isSafe(annas));
    expect(bens.doc().items).toEqual({ mine: 1 });
    expect(ben.isSafe(bens)).toBe(false);
    expect(annas.doc()).toEqual({ text: 'hello again' });
    using cleo = new RepoClient({ url: guarded.server.automerge, version, token: reader });
    expect((await cleo.find(annas.url)).doc()).toEqual({ text: 'hello again' });
  });

  it('[ARP9] a document whose name is no id is found by the id that is made of its name', async () => {
    using wire = await WireRepo.join(server.automerge);
    const doc = A.from<Notes>({ text: 'of a name' });
    wire.sync('notes/today', syncWith(doc, A.getAllChanges(doc)));
    await until('it is stored', () => wire.synced('notes/today').at(-1)?.heads[0] === A.getHeads(doc)[0]);
    using anna = new RepoClient({ url: server.automerge, version });
    const annas = await anna.find(automergeUrlOf('notes/today'));
    expect(annas.doc()).toEqual({ text: 'of a name' });
    annas.change((notes) => void (notes.text = 'of both'));
    await until('it comes under the name', () => wire.synced('notes/today').length > 1);
    expect(wire.synced('notes/today').at(-1)!.changes).toHaveLength(1);
  });

  it('[ARP13] a document that nobody has is not there, and comes to who asked for it when somebody brings it', async () => {
    using anna = new RepoClient({ url: server.automerge, version });
    using ben = await new RepoClient({ url: server.automerge, version }).connected();
    await anna.connected();
    anna.disconnect();
    const annas = anna.create({ text: 'late' });
    await expect(ben.find(annas.url)).rejects.toThrow('unavailable');
    anna.reconnect();
    await until('it is safe', () => anna.isSafe(annas));
    const bens = await ben.find(annas.url);
    expect(bens.doc().text).toBe('late');
  });

  it('[ARP14] a Yjs document is not there, the reason is in an error, and the connection stays', async () => {
    const documentId = documentIdOf('of Yjs');
    using yjs = await new StockClient({ url: server.yjs, document: documentId }).synced();
    yjs.doc.getText('content').insert(0, 'of the other engine');
    await until('it is stored', () => storedUpdates(folder.path, documentId).length > 0);
    using anna = new RepoClient({ url: server.automerge, version });
    await expect(anna.find(automergeUrlOf(documentId))).rejects.toThrow('unavailable');
    const annas = anna.create({ text: 'on the same connection' });
    await until('it is safe', () => anna.isSafe(annas));
    using wire = await WireRepo.join(server.automerge);
    wire.sync(documentId, nothingHeld, 'request');
    await wire.heard('doc-unavailable');
    expect(wire.of('error').map(({ message }) => message!.split(': ')[0])).toEqual([
      `wrong_engine ${documentId}`,
    ]);
  });

  it('[ARP14] a document that one may not read is not there', async () => {
    await using guarded = await GuardedServer.start();
    const { key } = guarded;
    const writer = key.sign({ subject: 'anna', write: ['**'] });
    const stranger = key.sign({ subject: 'ben', write: ['elsewhere/*'] });
    using anna = new RepoClient({ url: guarded.server.automerge, version, token: writer });
    const annas = anna.create({ text: 'hello' });
    await until('it is safe', () => anna.isSafe(annas));
    using ben = new RepoClient({ url: guarded.server.automerge, version, token: stranger });
    await expect(ben.find(annas.url)).rejects.toThrow('unavailable');
    const bens = ben.create({ text: 'mine' });
    using cleo = new RepoClient({ url: guarded.server.automerge, version, token: writer });
    await expect(cleo.find(bens.url)).rejects.toThrow('unavailable');
  });
});
