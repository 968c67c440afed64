// What goes wrong, or is meant to, on the path of automerge-repo: each is answered to whoever did it, and bystanders notice nothing.
import * as A from '@automerge/automerge';
import { generateAutomergeUrl, parseAutomergeUrl } from '@automerge/automerge-repo';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  MemoryStorage,
  type Notes,
  RepoClient,
  type RepoVersion,
  stockRepos,
} from '../support/automerge-repo-client.ts';
import { nothingHeld, syncWith, WireRepo } from '../support/automerge-repo-wire.ts';
import { failedCommits, metric } from '../support/metric.ts';
import { OtherWriter } from '../support/other-writer.ts';
import { ServerProcess, temporaryFolder } from '../support/server.ts';
import { until } from '../support/until.ts';

describe.each(Object.keys(stockRepos) as RepoVersion[])('automerge-repo %s', (version) => {
  it('[ARP6] a client knows that an edit is safe when it is committed, and not before', async () => {
    using folder = temporaryFolder();
    await using server = await ServerProcess.start({ data: folder.path });
    using anna = new RepoClient({ url: server.automerge, version });
    using ben = new RepoClient({ url: server.automerge, version });
    const annas = anna.create({ text: 'before' });
    const bens = await ben.find(annas.url);
    await until('it is safe', () => anna.isSafe(annas));
    using other = new OtherWriter(folder.path);
    other.hold();
    annas.change((notes) => void (notes.text = 'after'));
    await until('it waits for its commit', async () => (await metric(server, 'queued_bytes')) > 0);
    // What ben says comes back to him, and would bring anna's edit along if it could.
    const heard: unknown[] = [];
    annas.on('ephemeral-message', ({ message }) => heard.push(message));
    bens.broadcast({ hello: 1 });
    await until('anna hears ben', () => heard.length > 0);
    expect([anna.isSafe(annas), bens.doc().text]).toEqual([false, 'before']);
    other.letGo();
    await until('it is safe', () => anna.isSafe(annas));
    await until('ben has it', () => bens.doc().text === 'after');
  });

  it('[ARP7] what could not be committed is sent again on the same connection when it can', async () => {
    using folder = temporaryFolder();
    await using server = await ServerProcess.start({ data: folder.path });
    using anna = new RepoClient({ url: server.automerge, version });
    using ben = new RepoClient({ url: server.automerge, version });
    const annas = anna.create({ text: 'before' });
    const bens = await ben.find(annas.url);
    await until('it is safe', () => anna.isSafe(annas));
    const connections = await metric(server, 'connections');
    let disconnected = 0;
    anna.adapter.on('peer-disconnected', () => disconnected++);
    using other = new OtherWriter(folder.path);
    other.refuse();
    annas.change((notes) => void (notes.text = 'while'));
    await until('a commit has failed', async () => (await failedCommits(server)) > 0);
    expect([anna.isSafe(annas), bens.doc().text]).toEqual([false, 'before']);
    other.allow();
    await until('ben has it', () => bens.doc().text === 'while');
    await until('it is safe', () => anna.isSafe(annas));
    expect([disconnected, await metric(server, 'connections')]).toEqual([0, connections]);
  });

  it('[ARP8] a server with an earlier copy of its data gets everything back from a client that remembers otherwise', async () => {
    using folder = temporaryFolder();
    const [data, copy] = [join(folder.path, 'data'), join(folder.path, 'copy')];
    const server = await ServerProcess.start({ data });
    using anna = new RepoClient({ url: server.automerge, version, storage: new MemoryStorage() });
    const annas = anna.create({ items: {} });
    await until('it is safe', () => anna.isSafe(annas));
    await server.end();
    cpSync(data, copy, { recursive: true });
    await using later = await server.restart();
    for (let n = 0; n < 10; n++) annas.change((notes) => void (notes.items![n] = n));
    await until('it is safe', () => anna.isSafe(annas));
    await later.end('SIGKILL');
    await until('anna sees it', () => anna.repo.peers.length === 0);
    await using restored = await ServerProcess.start({ data: copy, port: later.port });
    using ben = new RepoClient({ url: restored.automerge, version });
    const bens = await ben.find(annas.url);
    await until('ben has everything', () => Object.keys(bens.doc().items ?? {}).length === 10);
    await until('anna knows that it is safe', () => anna.isSafe(annas));
  });
});

/** A document of a stock client, and a raw connection that has it open. */
async function beside(server: ServerProcess) {
  const anna = new RepoClient({ url: server.automerge });
  const annas = anna.create({ text: 'hello' });
  await until('it is safe', () => anna.isSafe(annas));
  const wire = await WireRepo.join(server.automerge);
  return {
    annas,
    wire,
    documentId: annas.documentId,
    [Symbol.dispose](): void {
      anna[Symbol.dispose]();
      wire[Symbol.dispose]();
    },
  };
}

function flipped(change: Uint8Array, at: number): Uint8Array {
  const other = change.slice();
  other[at]! ^= 1;
  return other;
}

/** With the checksum that it then should have. */
async function resealed(change: Uint8Array): Promise<Uint8Array> {
  const sealed = change.slice();
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', sealed.slice(8)));
  sealed.set(digest.subarray(0, 4), 4);
  return sealed;
}

it('[ARP17] a change that was damaged on the way ends its document for whoever sent it, and nothing else', async () => {
  using folder = temporaryFolder();
  await using server = await ServerProcess.start({ data: folder.path });
  using scene = await beside(server);
  const { annas, wire, documentId } = scene;
  const doc = A.from<Notes>({ text: 'mine' });
  const [change] = A.getAllChanges(doc);
  const damaged = [
    flipped(change!, change!.length - 1),
    change!.slice(0, -3),
    await resealed(flipped(change!, 40)),
    Uint8Array.of(1, 2, 3),
  ];
  for (const [index, each] of damaged.entries()) {
    const id = `${documentId}${index}`;
    wire.sync(id, syncWith(doc, [each]));
    await wire.heard('doc-unavailable', id);
    expect((await wire.heard('error', undefined, index + 1)).message).toMatch(/^malformed_update /);
  }
  wire.sync(documentId, nothingHeld, 'request');
  await wire.heard('sync', documentId);
  wire.sync(documentId, syncWith(doc, [damaged[0]!]));
  await wire.heard('doc-unavailable', documentId);
  // It is told no more of the document, and others go on.
  const before = wire.of('sync', documentId).length;
  using ben = new RepoClient({ url: server.automerge });
  const bens = await ben.find(annas.url);
  annas.change((notes) => void (notes.text = 'hello again'));
  await until('ben has it', () => bens.doc().text === 'hello again');
  expect(bens.doc()).toEqual({ text: 'hello again' });
  expect(wire.of('sync', documentId)).toHaveLength(before);
  expect(wire.ended).toBeUndefined();
  const good = parseAutomergeUrl(generateAutomergeUrl()).documentId;
  wire.sync(good, syncWith(doc, [change!]));
  await until(
    'the next document is acknowledged',
    () => wire.synced(good).at(-1)?.heads[0] === A.getHeads(doc)[0],
  );
});

it('[ARP17] a second change with the number of another one is refused, and the first one stays', async () => {
  using folder = temporaryFolder();
  await using server = await ServerProcess.start({ data: folder.path });
  using wire = await WireRepo.join(server.automerge, 'one');
  using twin = await WireRepo.join(server.automerge, 'two');
  const { documentId } = parseAutomergeUrl(generateAutomergeUrl());
  const actor = 'ab'.repeat(16);
  const [first, second] = ['one', 'two'].map((text) => A.from<Notes>({ text }, { actor }));
  wire.sync(documentId, syncWith(first!, A.getAllChanges(first!)));
  await until('it is stored', () => wire.synced(documentId).at(-1)?.heads.length === 1);
  twin.sync(documentId, syncWith(second!, A.getAllChanges(second!)));
  await twin.heard('doc-unavailable', documentId);
  using ben = new RepoClient({ url: server.automerge });
  expect((await ben.find(`automerge:${documentId}`)).doc()).toEqual({ text: 'one' });
});

it('[ARP5] a change before which something is missing is asked for that, and whole when it comes', async () => {
  using folder = temporaryFolder();
  await using server = await ServerProcess.start({ data: folder.path });
  using wire = await WireRepo.join(server.automerge);
  const { documentId } = parseAutomergeUrl(generateAutomergeUrl());
  const doc = A.change(A.from<Notes>({ text: 'one' }), (notes) => void (notes.text = 'two'));
  const [first, second] = A.getAllChanges(doc);
  const missing = A.decodeChange(first!).hash;
  wire.sync(documentId, syncWith(doc, [second!]));
  await until('it is asked', () => wire.synced(documentId).some(({ need }) => need.includes(missing)));
  expect(wire.synced(documentId).every(({ heads }) => heads.length === 0)).toBe(true);
  wire.sync(documentId, syncWith(doc, [first!]));
  await until('it is whole', () => wire.synced(documentId).at(-1)?.heads[0] === A.getHeads(doc)[0]);
  using ben = new RepoClient({ url: server.automerge });
  expect((await ben.find(`automerge:${documentId}`)).doc()).toEqual({ text: 'two' });
});

it('[ARP16] nothing is heard of somebody who has not joined, and a second join changes nothing', async () => {
  using folder = temporaryFolder();
  await using server = await ServerProcess.start({ data: folder.path });
  using scene = await beside(server);
  const { wire, documentId } = scene;
  using nobody = await WireRepo.open(server.automerge, 'nobody');
  nobody.sync(documentId, nothingHeld, 'request');
  nobody.say({
    type: 'ephemeral',
    senderId: 'nobody',
    targetId: 's',
    documentId,
    sessionId: 's',
    count: 1,
    data: nothingHeld,
  });
  nobody.join();
  await nobody.heard('peer');
  expect(nobody.frames).toHaveLength(1);
  nobody.sync(documentId, nothingHeld, 'request');
  await nobody.heard('sync', documentId);
  nobody.join();
  await nobody.heard('peer', undefined, 2);
  expect(nobody.of('peer')[0]).toEqual(nobody.of('peer')[1]);
  const { senderId, peerMetadata } = nobody.of('peer')[0]!;
  expect(peerMetadata).toEqual({
    storageId: wire.of('peer')[0]!.peerMetadata!.storageId,
    isEphemeral: false,
  });
  expect(senderId).toBe(wire.of('peer')[0]!.senderId);
  expect(peerMetadata!.storageId).toMatch(
    /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  );
  // Whoever speaks for somebody else is not heard.
  nobody.say({
    type: 'request',
    senderId: 'wire',
    targetId: senderId,
    documentId: 'other',
    data: nothingHeld,
  });
  nobody.sync('another', nothingHeld, 'request');
  await nobody.heard('doc-unavailable', 'another');
  expect(nobody.of('doc-unavailable', 'other')).toEqual([]);
});

it('[ARP16] a client of another protocol version is told so, and one that says none has the first', async () => {
  using folder = temporaryFolder();
  await using server = await ServerProcess.start({ data: folder.path });
  using wire = await WireRepo.open(server.automerge);
  wire.join(['2', '3']);
  expect((await wire.heard('error')).message).toMatch(/^unsupported_version/);
  expect((await wire.closed).code).toBe(4406);
  using old = await WireRepo.open(server.automerge);
  old.say({ type: 'join', senderId: 'old' });
  await old.heard('peer');
});

it('[ARP15] a connection that takes up an id takes the place of the one before, whose frames are heard no more', async () => {
  using folder = temporaryFolder();
  await using server = await ServerProcess.start({ data: folder.path });
  using scene = await beside(server);
  const { annas, wire, documentId } = scene;
  wire.sync(documentId, nothingHeld, 'request');
  await wire.heard('sync', documentId);
  using again = await WireRepo.join(server.automerge);
  await wire.closed;
  const before = wire.frames.length;
  again.sync(documentId, nothingHeld, 'request');
  await again.heard('sync', documentId);
  annas.change((notes) => void (notes.text = 'more'));
  await until('the new one hears of it', () => again.of('sync', documentId).length > 1);
  expect(wire.frames).toHaveLength(before);
});

it('[ARP12] what is said again, or in the name of somebody else, is passed on once', async () => {
  using folder = temporaryFolder();
  await using server = await ServerProcess.start({ data: folder.path });
  using scene = await beside(server);
  const { annas, wire, documentId } = scene;
  wire.sync(documentId, nothingHeld, 'request');
  await wire.heard('sync', documentId);
  const heard: unknown[] = [];
  annas.on('ephemeral-message', ({ message }) => heard.push(message));
  // CBOR of the numbers themselves.
  const say = (count: number): void =>
    wire.say({
      type: 'ephemeral',
      senderId: 'x',
      targetId: 's',
      documentId,
      sessionId: 's',
      count,
      data: Uint8Array.of(count),
    });
  for (const count of [1, 1, 2, 1, 2, 3]) say(count);
  await until('the last one is heard', () => heard.includes(3));
  expect(heard).toEqual([1, 2, 3]);
  expect(wire.of('ephemeral')).toEqual([]);
});
