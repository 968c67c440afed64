// Automerge documents through the SDK, against a real server and what lies on its disk.
import * as A from '@automerge/automerge';
import { SyncError } from '@syncline/client';
import type { Presence } from '@syncline/client/automerge';
import { expect, it } from 'vitest';
import { append, begun, BothClient, storedNotes } from '../support/automerge-client.ts';
import { Cluster, mesh } from '../support/cluster.ts';
import { failedCommits, metric } from '../support/metric.ts';
import { OtherWriter } from '../support/other-writer.ts';
import { SeededRandom } from '../support/random.ts';
import { SdkClient, settled, textOf, write } from '../support/sdk-client.ts';
import { ServerProcess, temporaryFolder } from '../support/server.ts';
import { SlowProxy } from '../support/slow-proxy.ts';
import { storedDocument } from '../support/stored-updates.ts';
import { TokenKey } from '../support/tokens.ts';
import { until } from '../support/until.ts';

const document = 'notes/today';

it('[SDK15] [SDK1] [CNV1] two people edit a document both ways, and what was saved is on the disk', async () => {
  using folder = temporaryFolder();
  await using server = await ServerProcess.start({ data: folder.path });
  await using anna = new BothClient({ url: server.sync });
  await using ben = new BothClient({ url: server.sync });
  const hers = anna.notes(document, begun(['first']));
  await hers.saved();
  const his = ben.notes(document);
  await his.synced();
  expect(his.current).toEqual({ text: '', lines: ['first'] });
  const heard: boolean[] = [];
  his.subscribe((_, { isLocal }) => heard.push(isLocal));
  append(hers, 'anna');
  append(his, 'ben');
  hers.change((notes) => void notes.lines.push('hers'));
  await Promise.all([hers.saved(), his.saved()]);
  await until('they agree', () => hers.current.lines.length === 2 && A.equals(hers.current, his.current));
  await until(
    'and have the whole text',
    () => hers.current.text.length === 7 && his.current.text.length === 7,
  );
  expect(new Set(heard)).toEqual(new Set([true, false]));
  expect(storedNotes(folder.path, document)).toEqual(hers.current);
  expect(hers.status).toMatchObject({
    uploads: { isSaved: true, edits: 0 },
    downloads: { state: 'current' },
  });
  expect([anna.reported, ben.reported]).toEqual([[], []]);
  expect([anna.sockets, ben.sockets]).toEqual([1, 1]);
});

it('[SDK14] documents of both engines share one connection, and are back after a kill', async () => {
  using folder = temporaryFolder();
  await using server = await ServerProcess.start({ data: folder.path });
  await using anna = new BothClient({ url: server.sync });
  await using ben = new BothClient({ url: server.sync });
  const [page, notes] = [anna.open('page'), anna.notes('notes', begun())];
  write(page, 'of yjs');
  append(notes, 'of automerge');
  await Promise.all([page.saved(), notes.saved()]);
  const [hisPage, hisNotes] = [ben.open('page'), ben.notes('notes')];
  await Promise.all([hisPage.synced(), hisNotes.synced()]);
  expect([textOf(hisPage), hisNotes.current.text]).toEqual(['of yjs', 'of automerge']);
  expect([anna.sockets, await metric(server, 'connections')]).toEqual([1, 2]);
  await server.end('SIGKILL');
  await Promise.all([anna.reaches('waiting'), ben.reaches('waiting')]);
  write(page, ', offline');
  append(notes, ', offline');
  await using again = await server.restart();
  await Promise.all([page.saved(), notes.saved()]);
  await until(
    'ben has both',
    () => textOf(hisPage) === textOf(page) && hisNotes.current.text === notes.current.text,
  );
  expect(storedNotes(folder.path, 'notes').text).toBe('of automerge, offline');
  expect(textOf({ doc: storedDocument(folder.path, 'page') })).toBe('of yjs, offline');
  expect(await metric(again, 'connections')).toBe(2);
});

it('[SDK14] a client opens documents of the engines that it has, and of one at a time', async () => {
  await using plain = new SdkClient({ url: 'ws://127.0.0.1:1/sync' });
  // As an app without types may have it.
  const options = { engine: 'automerge' } as unknown as { engine: 'yjs' };
  expect(() => plain.open(document, options)).toThrow('without the engine automerge');
  await using both = new BothClient({ url: 'ws://127.0.0.1:1/sync' });
  const page = both.open(document);
  const wrongEngine = expect.objectContaining({ name: 'SyncError', code: 'wrong_engine' });
  expect(() => both.notes(document)).toThrow(wrongEngine);
  page.close();
  const notes = both.notes(document);
  expect(() => both.open(document)).toThrow(wrongEngine);
  expect(both.notes(document).current).toBe(notes.current);
  expect(() => both.notes(document, begun())).toThrow('open with another doc');
});

it.each(['yjs', 'automerge'] as const)(
  '[NAT14] [SDK11] a document of %s is refused to who opens it under the other engine, at any time',
  async (first) => {
    using folder = temporaryFolder();
    await using server = await ServerProcess.start({ data: folder.path });
    await using anna = new BothClient({ url: server.sync });
    const open = (client: BothClient, engine: 'yjs' | 'automerge') =>
      engine === 'yjs' ? client.open(document) : client.notes(document);
    const other = first === 'yjs' ? 'automerge' : 'yjs';
    const expectRefused = async (at: ServerProcess): Promise<void> => {
      await using ben = new BothClient({ url: at.sync });
      const beside = ben.open('beside');
      const his = open(ben, other);
      await expect(his.synced()).rejects.toBeInstanceOf(SyncError);
      expect(his.status.downloads).toMatchObject({
        state: 'refused',
        error: { code: 'wrong_engine', retry: 'never' },
      });
      await beside.synced();
      expect(ben.sockets).toBe(1);
    };
    const hers = open(anna, first);
    await hers.synced();
    // Nothing has been written to it, and anna has it open.
    await expectRefused(server);
    if (first === 'yjs') write(anna.open(document), 'mine');
    else append(anna.notes(document), 'mine');
    await hers.saved();
    await expectRefused(server);
    await anna.client.close();
    await server.end('SIGKILL');
    await using again = await server.restart();
    await expectRefused(again);
    await using cleo = new BothClient({ url: again.sync });
    const read = open(cleo, first);
    await read.synced();
    expect(first === 'yjs' ? textOf(cleo.open(document)) : cleo.notes(document).current.text).toBe('mine');
  },
);

it('[SDK7] people see each other in an Automerge document, at once again when the server is back, and go', async () => {
  using folder = temporaryFolder();
  await using server = await ServerProcess.start({ data: folder.path });
  await using anna = new BothClient({ url: server.sync });
  await using ben = new BothClient({ url: server.sync });
  const notes = anna.notes(document);
  const [hers, his] = [notes.presence, ben.notes(document).presence];
  hers.setLocalStateField('name', 'anna');
  his.setLocalStateField('name', 'ben');
  await until('each sees the other', () => sees(hers, his) && sees(his, hers));
  hers.setLocalStateField('cursor', { at: 3 });
  await until('the cursor has moved', () => sees(his, hers));
  await server.end('SIGKILL');
  await Promise.all([anna.reaches('waiting'), ben.reaches('waiting')]);
  // A blip is no reason to take everybody down.
  expect(sees(hers, his)).toBe(true);
  hers.setLocalStateField('name', 'anna, back again');
  await using again = await server.restart();
  await until('ben sees how anna is', () => sees(his, hers));
  await using cleo = new BothClient({ url: again.sync });
  const { presence } = cleo.notes(document);
  await until('a newcomer sees both', () => sees(presence, hers) && sees(presence, his));
  notes.close();
  await until('ben sees her go', () => !his.getStates().has(hers.clientID));
});

it('[SDK1] [SDK6] [DUR7] nothing is said to be saved that is not on the disk, and a kill takes nothing that was', async () => {
  using folder = temporaryFolder();
  await using server = await ServerProcess.start({ data: folder.path });
  await using anna = new BothClient({ url: server.sync });
  const notes = anna.notes(document, begun());
  append(notes, 'before');
  await notes.saved();
  const lies: string[] = [];
  let claims = 0;
  notes.onStatus(({ uploads }) => {
    if (!uploads.isSaved) return;
    claims++;
    const stored = storedNotes(folder.path, document).text;
    if (stored !== notes.current.text) lies.push(stored);
  });
  using other = new OtherWriter(folder.path);
  other.refuse();
  append(notes, ', while commits fail');
  expect(notes.status.uploads).toMatchObject({ isSaved: false, edits: 1 });
  const saved = settled(notes.saved());
  await until('a commit has failed twice', async () => (await failedCommits(server)) >= 2);
  expect([saved.is, storedNotes(folder.path, document).text]).toEqual(['open', 'before']);
  other.allow();
  await until('it is saved', () => saved.is === 'resolved');
  expect(storedNotes(folder.path, document).text).toBe('before, while commits fail');
  append(notes, ', saved');
  await notes.saved();
  await server.end('SIGKILL');
  expect(storedNotes(folder.path, document).text).toBe('before, while commits fail, saved');
  await using again = await server.restart();
  append(notes, '.');
  await notes.saved();
  expect([claims > 1, lies, again.port]).toEqual([true, [], server.port]);
});

it('[SDK6] [ACC4] a document that may be read alone says so, keeps what is typed, and gives it when it may be written', async () => {
  using folder = temporaryFolder();
  const key = new TokenKey(folder.path);
  await using server = await ServerProcess.start({ data: folder.path, arguments: key.arguments });
  await using anna = new BothClient({ url: server.sync, token: key.sign({ write: [document] }) });
  const hers = anna.notes(document, begun());
  append(hers, 'hers');
  await hers.saved();
  let grant: 'read' | 'write' = 'read';
  await using link = await SlowProxy.open({ port: server.port });
  await using ben = new BothClient({ url: link.sync, token: () => key.sign({ [grant]: [document] }) });
  const his = ben.notes(document);
  await his.synced();
  append(his, ', his');
  await expect(his.saved()).rejects.toMatchObject({ code: 'forbidden' });
  expect(his.status.uploads).toMatchObject({ isSaved: false, isAllowed: false, edits: 1 });
  append(hers, '.');
  await until('he has what is hers', () => his.current.text.includes('.'));
  expect(hers.current.text).toBe('hers.');
  grant = 'write';
  link.cut();
  await until(
    'it is connected again',
    () => his.status.uploads.isAllowed && his.status.downloads.state === 'current',
  );
  await his.saved();
  await until('they agree', () => hers.current.text === his.current.text);
  expect(storedNotes(folder.path, document).text).toHaveLength('hers, his.'.length);
});

it('[SDK10] [SDK3] a document of 5 MB goes there and back, in one piece and in many', async () => {
  using folder = temporaryFolder();
  await using server = await ServerProcess.start({ data: folder.path });
  await using anna = new BothClient({ url: server.sync });
  await using ben = new BothClient({ url: server.sync });
  await using cleo = new BothClient({ url: server.sync });
  type Album = Record<'pictures', Uint8Array[]>;
  const open = ({ client }: BothClient) => client.open<Album>(document, { engine: 'automerge' });
  const random = new SeededRandom(5);
  const picture = (bytes: number): Uint8Array => Uint8Array.from({ length: bytes }, () => random.below(256));
  const hers = open(anna);
  hers.change((album) => void (album.pictures = [picture(2_000_000)]));
  for (let each = 0; each < 300; each++) hers.change((album) => void album.pictures.push(picture(10_000)));
  await hers.saved();
  const his = open(ben);
  const progress: number[] = [];
  his.onStatus(({ downloads }) => {
    if (downloads.state === 'catching-up') progress.push(downloads.received);
  });
  await his.synced();
  expect(A.getHeads(his.current)).toEqual(A.getHeads(hers.current));
  expect(progress.at(-1)).toBeGreaterThan(5_000_000);
  his.change((album) => void album.pictures.push(picture(1_000)));
  await his.saved();
  await until('anna has it', () => hers.current.pictures.length === 302);
  // By then it may be compacted, and comes in one piece.
  await until('it is compacted', async () => (await metric(server, 'compactions_total{outcome="done"}')) > 0);
  const read = open(cleo);
  await read.synced();
  expect(A.getHeads(read.current)).toEqual(A.getHeads(hers.current));
  for (const { reported, sockets } of [anna, ben, cleo]) expect([reported, sockets]).toEqual([[], 1]);
});

it('[SDK12] [CNV1] [SDK15] a document that is edited at two replicas is one, and is saved on both', async () => {
  const names = ['oslo', 'lisbon'];
  await using cluster = await Cluster.start({ names, links: mesh(names) });
  await cluster.live();
  await using anna = new BothClient({ url: cluster.replica('oslo').server.sync });
  await using ben = new BothClient({ url: cluster.replica('lisbon').server.sync });
  const hers = anna.notes(document, begun());
  await hers.saved({ tier: { replicas: 2 } });
  expect(storedNotes(cluster.replica('lisbon').data, document)).toEqual(hers.current);
  const his = ben.notes(document);
  await his.synced();
  hers.presence.setLocalStateField('name', 'anna');
  append(hers, 'anna');
  append(his, 'ben');
  await Promise.all([hers, his].map((each) => each.saved({ tier: { replicas: 2 } })));
  await until('they agree', () => hers.current.text.length === 7 && A.equals(hers.current, his.current));
  await until('ben sees anna', () => sees(his.presence, hers.presence));
  await cluster.agree();
  for (const { data } of cluster.replicas) expect(storedNotes(data, document)).toEqual(hers.current);
});

function sees(one: Presence, other: Presence): boolean {
  const state = one.getStates().get(other.clientID);
  return state !== undefined && JSON.stringify(state) === JSON.stringify(other.getLocalState());
}
