// What a client keeps on its device, in a file: real servers, and clients that end and begin again.
import { createClient, LocalStoreError, type SyncedDocument } from '@syncline/client';
import { fileStore } from '@syncline/client/file';
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import * as Y from 'yjs';
import { SdkClient, textOf, write } from '../support/sdk-client.ts';
import { ServerProcess, temporaryFolder } from '../support/server.ts';
import { storedDocument } from '../support/stored-updates.ts';
import { until } from '../support/until.ts';

const document = 'notes/today';
/** Nobody listens there. */
const nowhere = 'ws://127.0.0.1:9/sync';

function stored(folder: string): string {
  return textOf({ doc: storedDocument(folder, document) });
}

function isSaved({ status }: SyncedDocument): boolean {
  return status.uploads.isSaved;
}

it('[SDK19] [SDK20] what was typed without a server is there again, and goes to the server when there is one', async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'app.kept');
  {
    await using client = createClient({ url: nowhere, store: fileStore(path) });
    const notes = client.open(document);
    expect(notes.status.local).toEqual({ state: 'loading', isWritten: true });
    await notes.loaded();
    write(notes, 'typed offline');
    expect(notes.status.local).toEqual({ state: 'kept', isWritten: false });
    await notes.saved({ tier: 'local' });
    expect(notes.status.local).toEqual({ state: 'kept', isWritten: true });
    expect(client.status.uploads).toMatchObject({ isSaved: false, isKept: true, documents: 1, edits: 1 });
    notes.close();
  }
  {
    await using client = createClient({ url: nowhere, store: fileStore(path) });
    const notes = client.open(document);
    await notes.loaded();
    expect(textOf(notes)).toBe('typed offline');
    expect(notes.status.uploads).toMatchObject({ isSaved: false, edits: 1 });
    expect(notes.status.uploads.oldestMs).toBeLessThan(performance.now());
    write(notes, ', twice');
    await notes.saved({ tier: 'local' });
  }
  await using server = await ServerProcess.start({ data: join(folder.path, 'server') });
  {
    await using client = createClient({ url: server.sync, store: fileStore(path) });
    const notes = client.open(document);
    await notes.saved();
    expect(stored(join(folder.path, 'server'))).toBe('typed offline, twice');
    await until('it is nowhere called unsaved', () => client.status.uploads.edits === 0);
  }
  // From then on there is nothing to send.
  await using client = createClient({ url: nowhere, store: fileStore(path) });
  const notes = client.open(document);
  await notes.loaded();
  expect(isSaved(notes)).toBe(true);
  expect(textOf(notes)).toBe('typed offline, twice');
});

it('[SDK19] what nobody opens again is sent all the same', async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'app.kept');
  {
    await using client = createClient({ url: nowhere, store: fileStore(path) });
    const notes = client.open(document);
    write(notes, 'left behind');
    await notes.saved({ tier: 'local' });
  }
  await using server = await ServerProcess.start({ data: join(folder.path, 'server') });
  await using client = createClient({ url: server.sync, store: fileStore(path) });
  await until('it is on the server', () => stored(join(folder.path, 'server')) === 'left behind');
  await until('nothing is unsaved', () => client.status.uploads.isSaved);
});

it('[SDK19] a document that is opened again goes on from its position, and is sent only what is new', async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'app.kept');
  await using server = await ServerProcess.start({ data: join(folder.path, 'server') });
  await using ben = new SdkClient({ url: server.sync });
  const his = ben.open(document);
  write(his, 'x'.repeat(200_000));
  await his.saved();
  {
    await using anna = new SdkClient({ url: server.sync, store: fileStore(path) });
    await anna.open(document).synced();
    await until('it is kept', () => anna.client.status.downloads.current === 1);
  }
  write(his, ' and more');
  await his.saved();
  await using anna = new SdkClient({ url: server.sync, store: fileStore(path) });
  const hers = anna.open(document);
  await hers.loaded();
  expect(textOf(hers)).toHaveLength(200_000);
  await hers.synced();
  expect(textOf(hers)).toBe(textOf(his));
  const { bytes, sent } = anna.traffic();
  expect(sent).not.toContain('compare');
  expect(bytes).toBeLessThan(2_000);
});

it('[SDK19] a server that has lost its newest data gets back what is kept here, deletions included', async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'app.kept');
  const [data, copy] = [join(folder.path, 'server'), join(folder.path, 'copy')];
  await using first = await ServerProcess.start({ data });
  {
    await using anna = new SdkClient({ url: first.sync, store: fileStore(path) });
    const notes = anna.open(document);
    write(notes, 'before the copy');
    await notes.saved();
  }
  await first.end();
  cpSync(data, copy, { recursive: true });
  await using second = await first.restart();
  {
    await using anna = new SdkClient({ url: second.sync, store: fileStore(path) });
    const notes = anna.open(document);
    await notes.loaded();
    write(notes, ', and after it');
    notes.doc.getText('content').delete(0, 7);
    await notes.saved();
  }
  await second.end('SIGKILL');
  rmSync(data, { recursive: true });
  cpSync(copy, data, { recursive: true });
  expect(stored(data)).toBe('before the copy');
  await using restored = await second.restart();
  await using anna = new SdkClient({ url: restored.sync, store: fileStore(path) });
  const notes = anna.open(document);
  await notes.synced();
  await until('the server has it again', () => stored(data) === 'the copy, and after it');
  expect(textOf(notes)).toBe('the copy, and after it');
});

it('[SDK20] many entries become a snapshot, and it is all there', async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'app.kept');
  {
    await using client = createClient({ url: nowhere, store: fileStore(path) });
    const notes = client.open(document);
    for (let count = 0; count < 1_300; count++) {
      write(notes, `${count} `);
      if (count % 10 === 0) await notes.saved({ tier: 'local' });
    }
    await notes.saved({ tier: 'local' });
  }
  const store = fileStore(path);
  const kept = await store.read(document);
  expect(kept!.tail.entries).toBeLessThan(600);
  await store.close();
  await using client = createClient({ url: nowhere, store: fileStore(path) });
  const notes = client.open(document);
  await notes.loaded();
  expect(textOf(notes).trim().split(' ').map(Number)).toEqual(Array.from({ length: 1_300 }, (_, at) => at));
});

it('[SDK20] a store that is held by another says so, and nothing waits for it', async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'app.kept');
  await using server = await ServerProcess.start({ data: join(folder.path, 'server') });
  const first = createClient({ url: server.sync, store: fileStore(path) });
  await first.open('another').saved({ tier: 'local' });
  await using client = createClient({ url: server.sync, store: fileStore(path) });
  const notes = client.open(document);
  write(notes, 'on the server');
  await notes.saved();
  expect(client.status.durability).toMatchObject({ state: 'failed', error: { code: 'held' } });
  await expect(notes.saved({ tier: 'local' })).rejects.toThrow(LocalStoreError);
  // As soon as it is free it is kept as a whole.
  await first.close();
  await until('it is kept', () => notes.status.local.state === 'kept' && notes.status.local.isWritten);
  expect(client.status.durability.state).not.toBe('failed');
});

it('[SDK20] without a store there is no such tier, and what is forgotten is gone', async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'app.kept');
  {
    await using client = createClient({ url: nowhere });
    await expect(client.open(document).saved({ tier: 'local' })).rejects.toThrow(
      'give createClient a `store`',
    );
    expect(client.status.durability).toEqual({ state: 'memory' });
  }
  await using server = await ServerProcess.start({ data: join(folder.path, 'server') });
  await using client = createClient({ url: server.sync, store: fileStore(path) });
  const notes = client.open(document);
  write(notes, 'kept');
  await Promise.all([notes.saved(), notes.saved({ tier: 'local' })]);
  await expect(client.forget(document)).rejects.toThrow('is open');
  notes.close();
  await client.forget(document);
  const again = client.open(document);
  await again.loaded();
  expect(again.status.downloads.state).not.toBe('current');
  expect(textOf(again)).toBe('');
});

it('[SDK8] [SDK20] what is opened while its client closes is refused, and nothing keeps the process alive', async () => {
  using folder = temporaryFolder();
  const client = createClient({ url: nowhere, store: fileStore(join(folder.path, 'app.kept')) });
  write(client.open(document), 'kept');
  const closed = client.close();
  expect(() => client.open('another')).toThrow('the client was closed');
  await closed;
  const store = fileStore(join(folder.path, 'app.kept'));
  expect((await store.list()).map((kept) => kept.document)).toEqual([document]);
  await store.close();
});

it('[SDK18] a document of the app that the device does not have yet is not called kept', async () => {
  using folder = temporaryFolder();
  const doc = new Y.Doc();
  write({ doc }, 'of the app');
  await using client = createClient({ url: nowhere, store: fileStore(join(folder.path, 'app.kept')) });
  const notes = client.open(document, { doc });
  expect(client.status.uploads).toMatchObject({ isSaved: false, isKept: false });
  await notes.saved({ tier: 'local' });
  expect(client.status.uploads).toMatchObject({ isSaved: false, isKept: true });
});
