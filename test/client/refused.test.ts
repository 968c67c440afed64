// Documents that the server does not take, beside others that it does.
import { cpSync, rmSync } from 'node:fs';
import Database from 'better-sqlite3';
import { SyncError } from '@syncline/client';
import { maxDocumentNameBytes } from '@syncline/shared';
import { expect, it } from 'vitest';
import { StockClient } from '../support/client.ts';
import { SdkClient, textOf, write } from '../support/sdk-client.ts';
import { ServerProcess, temporaryFolder } from '../support/server.ts';
import { databaseFile } from '../support/stored-updates.ts';
import { until } from '../support/until.ts';

const document = 'notes/today';

it('[SDK11] a name that is none throws where it is given', async () => {
  await using anna = new SdkClient({ url: 'ws://127.0.0.1:1/sync' });
  for (const name of ['', 'x'.repeat(maxDocumentNameBytes + 1), 'a\nb']) {
    expect(() => anna.open(name)).toThrow(expect.objectContaining({ code: 'bad_document_name' }));
  }
  expect(anna.sockets).toBe(0);
});

it('[SDK11] an update that the server cannot merge ends its document alone, with an error that says why', async () => {
  using folder = temporaryFolder();
  await using server = await ServerProcess.start({ data: folder.path });
  await using anna = new SdkClient({ url: server.sync });
  const [good, bad] = [anna.open('good'), anna.open('bad')];
  write(good, 'one');
  await Promise.all([good.saved(), bad.synced()]);
  bad.doc.getMap('a root name '.repeat(1_000)).set('key', 1);
  await expect(bad.saved()).rejects.toMatchObject({ name: 'SyncError', code: 'malformed_update' });
  await expect(bad.synced()).rejects.toBeInstanceOf(SyncError);
  expect(bad.status).toMatchObject({
    connection: { state: 'connected' },
    uploads: { isSaved: false, edits: 1 },
    downloads: { state: 'refused', error: { code: 'malformed_update' }, retryAtMs: undefined },
  });
  write(good, ' two');
  await good.saved();
  expect(good.status.downloads).toEqual({ state: 'current' });

  // Of no use before the cause is mended.
  bad.retry();
  await until('it is refused again', () => bad.status.downloads.state === 'refused');
  // A new connection changes nothing either.
  await server.end('SIGKILL');
  await anna.reaches('waiting');
  await using again = await server.restart();
  await good.synced();
  expect(bad.status.downloads).toMatchObject({ state: 'refused' });
  expect(again.port).toBe(server.port);
  expect(anna.sockets).toBeGreaterThan(1);
});

it('[SDK11] an update that is too large for a frame is refused here, and sent where larger ones are taken', async () => {
  using folder = temporaryFolder();
  await using server = await ServerProcess.start({
    data: folder.path,
    arguments: ['--max-frame', '200000'],
  });
  await using anna = new SdkClient({ url: server.sync });
  const [small, large] = [anna.open('small'), anna.open('large')];
  await Promise.all([small.synced(), large.synced()]);
  write(large, 'x'.repeat(300_000));
  await expect(large.saved()).rejects.toMatchObject({ code: 'frame_too_large' });
  expect(large.status.downloads).toMatchObject({ state: 'refused', retryAtMs: undefined });
  write(small, 'goes on');
  await small.saved();
  large.retry();
  await expect(large.saved()).rejects.toMatchObject({ code: 'frame_too_large' });
  expect(anna.sockets).toBe(1);

  await server.end();
  await anna.reaches('waiting');
  await using roomy = await ServerProcess.start({ data: folder.path, port: server.port });
  await small.synced();
  expect(large.status.downloads).toMatchObject({ state: 'refused' });
  large.retry();
  await large.saved();
  using ben = await new StockClient({ url: roomy.yjs, document: 'large' }).synced();
  expect(ben.text.length).toBe(300_000);
});

it('[SDK2] [SDK11] many small edits are no large one, whatever the largest frame', async () => {
  using folder = temporaryFolder();
  const settings = { data: folder.path, arguments: ['--max-frame', '40000'] };
  await using first = await ServerProcess.start(settings);
  await first.end();
  await using anna = new SdkClient({ url: first.sync });
  const notes = anna.open(document);
  for (let edit = 0; edit < 60; edit++) {
    write(notes, `${edit} `.repeat(400));
    expect(notes.status.uploads.edits).toBe(edit + 1);
  }
  await using server = await first.restart();
  await notes.saved();
  using ben = await new StockClient({ url: server.yjs, document }).synced();
  expect(ben.text.toJSON()).toBe(textOf(notes));
});

it('[SDK11] presence that is over its limits is refused, and its document is back when that has been mended', async () => {
  using folder = temporaryFolder();
  await using server = await ServerProcess.start({ data: folder.path });
  await using anna = new SdkClient({ url: server.sync });
  const notes = anna.open(document);
  await notes.synced();
  notes.presence.setLocalStateField('name', 'a'.repeat(100_000));
  await until('it is refused', () => notes.status.downloads.state === 'refused');
  expect(notes.status.downloads).toMatchObject({ error: { code: 'malformed_presence' } });
  write(notes, 'typed meanwhile');
  expect(notes.status.uploads.isSaved).toBe(false);
  notes.presence.setLocalStateField('name', 'anna');
  notes.retry();
  await Promise.all([notes.saved(), notes.synced()]);
  expect(notes.status).toMatchObject({ uploads: { isSaved: true }, downloads: { state: 'current' } });
});

it('[SDK11] a document that cannot be read for now is tried again by itself', async () => {
  using folder = temporaryFolder();
  await using first = await ServerProcess.start({ data: folder.path });
  await using ben = new SdkClient({ url: first.sync });
  const his = ben.open(document);
  write(his, 'on the disk');
  await his.saved();
  await first.end();
  const mend = damage(folder.path);
  await using server = await first.restart();
  await using anna = new SdkClient({ url: server.sync });
  const [notes, other] = [anna.open(document), anna.open('another document')];
  write(notes, 'typed meanwhile');
  const saved = notes.saved();
  await other.synced();
  await until('it is refused', () => notes.status.downloads.state === 'refused');
  const { downloads } = notes.status;
  expect(downloads).toMatchObject({ error: { code: 'unavailable', retry: 'later' } });
  expect(downloads.state === 'refused' && downloads.retryAtMs).toBeGreaterThan(0);
  mend();
  await Promise.all([saved, notes.synced()]);
  expect(textOf(notes)).toHaveLength('on the disktyped meanwhile'.length);
  expect(anna.sockets).toBe(1);
});

/** Makes the log's rows differ from their checksums; gives what undoes that. */
function damage(data: string): () => void {
  const swap = (from: string, to: string): void => {
    using database = openDatabase(data);
    database.run(`UPDATE log SET data = CAST(replace(data, '${from}', '${to}') AS BLOB)`);
  };
  swap('on the disk', 'ON THE DISK');
  return () => swap('ON THE DISK', 'on the disk');
}

function openDatabase(data: string): { run(sql: string): void } & Disposable {
  const database = new Database(databaseFile(data), { fileMustExist: true });
  return {
    run: (sql) => {
      if (database.prepare(sql).run().changes === 0) throw new Error('nothing was changed');
    },
    [Symbol.dispose]: () => database.close(),
  };
}

it('[SDK13] [DEL4] a document that is closed and opened again is of the incarnation that it was of', async () => {
  using folder = temporaryFolder();
  using backup = temporaryFolder();
  await using server = await ServerProcess.start({ data: folder.path });
  await using anna = new SdkClient({ url: server.sync });
  const notes = anna.open(document);
  await notes.synced();
  await server.end('SIGTERM');
  cpSync(folder.path, backup.path, { recursive: true });
  await using second = await server.restart();
  write(notes, 'of old');
  await notes.saved();
  notes.close();
  await second.end('SIGTERM');
  // Nobody but the client knows of it any more.
  rmSync(folder.path, { recursive: true });
  cpSync(backup.path, folder.path, { recursive: true });
  await using third = await second.restart();
  await using ben = new SdkClient({ url: third.sync });
  const bens = ben.open(document);
  write(bens, 'of ben');
  await bens.saved();
  const path = `${third.http}/v1/documents/${encodeURIComponent(document)}`;
  const headers = { 'content-type': 'application/json' };
  expect((await fetch(path, { method: 'DELETE', headers })).status).toBe(200);
  expect((await fetch(`${path}/undelete`, { method: 'POST', headers })).status).toBe(200);
  const again = anna.open(document, { doc: notes.doc });
  await until('it is refused', () => again.status.downloads.state === 'refused');
  expect(again.status.downloads).toMatchObject({ error: { code: 'document_deleted' } });
});
