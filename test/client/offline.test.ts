// What is typed while there is no server to hear it.
import { expect, it } from 'vitest';
import * as Y from 'yjs';
import { StockClient } from '../support/client.ts';
import { metric } from '../support/metric.ts';
import { SdkClient, textOf, write } from '../support/sdk-client.ts';
import { ServerProcess, temporaryFolder } from '../support/server.ts';
import { containsAll, storedDocument } from '../support/stored-updates.ts';
import { until } from '../support/until.ts';

const document = 'notes/today';

it('[SDK2] what is typed before the first connect is sent on it, and stands in the document once', async () => {
  using folder = temporaryFolder();
  await using first = await ServerProcess.start({ data: folder.path });
  await first.end();
  await using anna = new SdkClient({ url: first.sync });
  const notes = anna.open(document);
  write(notes, 'typed before');
  await anna.reaches('waiting');
  write(notes, ' anybody was there');
  expect(notes.status).toMatchObject({
    connection: { state: 'waiting', reason: 'unreachable' },
    uploads: { isSaved: false, edits: 2 },
    downloads: { state: 'waiting' },
  });
  await using server = await first.restart();
  await notes.saved();
  expect(notes.status.uploads).toMatchObject({ isSaved: true, edits: 0 });
  using ben = await new StockClient({ url: server.yjs, document }).synced();
  expect(ben.text.toJSON()).toBe('typed before anybody was there');
});

it('[SDK2] [SDK3] [SDK4] both sides write through an outage, and each line is there once for both', async () => {
  using folder = temporaryFolder();
  await using running = {
    server: await ServerProcess.start({ data: folder.path }),
    async [Symbol.asyncDispose]() {
      await this.server.end('SIGKILL');
    },
  };
  await using anna = new SdkClient({ url: running.server.sync });
  using ben = new StockClient({ url: running.server.yjs, document });
  const notes = anna.open(document);
  const lines = notes.doc.getArray<string>('lines');
  const hers = ben.doc.getArray<string>('lines');
  const said: string[] = [];
  const say = (to: Y.Array<string>, line: string): void => {
    said.push(line);
    to.push([line]);
  };
  say(lines, 'anna before');
  await notes.saved();
  for (const signal of ['SIGKILL', 'SIGTERM', 'SIGKILL'] as const) {
    // On its way when the server goes.
    say(lines, `anna at ${said.length}`);
    say(hers, `ben at ${said.length}`);
    await running.server.end(signal);
    await anna.reaches('waiting');
    say(lines, `anna without a server ${said.length}`);
    say(hers, `ben without a server ${said.length}`);
    running.server = await running.server.restart();
    await notes.saved();
    await until('both have every line', () => lines.length === said.length && hers.length === said.length);
  }
  expect(new Set(lines.toJSON())).toEqual(new Set(said));
  expect(hers.toJSON()).toEqual(lines.toJSON());
  expect(storedDocument(folder.path, document).getArray('lines').toJSON()).toEqual(lines.toJSON());
  expect(anna.sockets).toBeGreaterThanOrEqual(4);
});

it('[SDK2] thousands of edits without a server become few messages', async () => {
  using folder = temporaryFolder();
  await using first = await ServerProcess.start({ data: folder.path });
  await first.end();
  await using anna = new SdkClient({ url: first.sync });
  const notes = anna.open(document);
  const edits = 3_000;
  for (let edit = 0; edit < edits; edit++) {
    write(notes, `${edit},`);
    // Asking for the status ends the turn's edit, so that each is one of its own.
    expect(notes.status.uploads.edits).toBe(edit + 1);
  }
  const { oldestMs } = notes.status.uploads;
  expect(oldestMs).toBeLessThanOrEqual(performance.now());
  await using server = await first.restart();
  await notes.saved();
  expect(await metric(server, 'updates_accepted_total')).toBeLessThan(edits / 10);
  expect(textOf({ doc: storedDocument(folder.path, document) })).toBe(textOf(notes));
});

it('[SDK2] [SDK6] a document that is opened with content is compared, and what the server lacks of it is sent', async () => {
  using folder = temporaryFolder();
  await using server = await ServerProcess.start({ data: folder.path });
  await using anna = new SdkClient({ url: server.sync });
  const hers = anna.open(document);
  write(hers, 'known to both. ');
  await hers.saved();

  // A copy as an app would have kept it, edited since: something new, and something deleted.
  const doc = new Y.Doc();
  Y.applyUpdate(doc, Y.encodeStateAsUpdate(hers.doc));
  doc.getText('content').insert(0, 'Kept elsewhere. ');
  doc.getText('content').delete(16, 6);
  write(hers, 'Only on the server. ');
  await hers.saved();
  await using ben = new SdkClient({ url: server.sync });
  const his = ben.open(document, { doc });
  expect(his.status.uploads.isSaved).toBe(false);
  await his.saved();
  await his.synced();
  const all = 'Kept elsewhere. to both. Only on the server. ';
  expect(textOf(his)).toBe(all);
  await until('anna has it', () => textOf(hers) === all);
  expect(containsAll(storedDocument(folder.path, document), [Y.encodeStateAsUpdate(doc)])).toBe(true);
});

it('[SDK2] what a Y.Doc holds back, for want of something before it, is sent with what brings it in', async () => {
  using folder = temporaryFolder();
  await using server = await ServerProcess.start({ data: folder.path });
  const [first, second] = twoUpdates();
  const doc = new Y.Doc();
  Y.applyUpdate(doc, second);
  await using anna = new SdkClient({ url: server.sync });
  const notes = anna.open(document, { doc });
  await notes.saved();
  expect(textOf(notes)).toBe('');
  Y.applyUpdate(doc, first);
  await notes.saved();
  expect(textOf({ doc: storedDocument(folder.path, document) })).toBe('one two');
});

it('[SDK2] what came by another way, and waits for something that the server brings, is sent when that has come', async () => {
  using folder = temporaryFolder();
  await using server = await ServerProcess.start({ data: folder.path });
  const [first, second] = twoUpdates();
  await using anna = new SdkClient({ url: server.sync });
  await using ben = new SdkClient({ url: server.sync });
  const [hers, his] = [anna.open(document), ben.open(document)];
  await Promise.all([hers.synced(), his.synced()]);
  Y.applyUpdate(hers.doc, second, 'another provider');
  Y.applyUpdate(his.doc, first, 'another provider');
  await until('anna has both', () => textOf(hers) === 'one two');
  await until('ben has both', () => textOf(his) === 'one two');
  await hers.saved();
  expect(textOf({ doc: storedDocument(folder.path, document) })).toBe('one two');
});

/** The second is of no use without the first. */
function twoUpdates(): [first: Uint8Array, second: Uint8Array] {
  const doc = new Y.Doc();
  const updates: Uint8Array[] = [];
  doc.on('update', (update) => updates.push(update));
  write({ doc }, 'one');
  write({ doc }, ' two');
  return [updates[0]!, updates[1]!];
}
