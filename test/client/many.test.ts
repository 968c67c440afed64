// Many documents on one connection, and applications whose own code throws in the midst of it.
import type { SyncedDocument } from '@syncline/client';
import { expect, it } from 'vitest';
import * as Y from 'yjs';
import { metric } from '../support/metric.ts';
import { SdkClient, settled, textOf, write } from '../support/sdk-client.ts';
import { ServerProcess, temporaryFolder } from '../support/server.ts';
import { storedDocument } from '../support/stored-updates.ts';
import { until } from '../support/until.ts';

const document = 'notes/today';

it('[SDK4] a hundred documents share one connection, and all are back after a kill', async () => {
  using folder = temporaryFolder();
  await using server = await ServerProcess.start({ data: folder.path });
  await using anna = new SdkClient({ url: server.sync });
  await using ben = new SdkClient({ url: server.sync });
  const names = Array.from({ length: 100 }, (_, index) => `notes/${index}`);
  const hers = names.map((name) => anna.open(name));
  const his = names.map((name) => ben.open(name));
  hers.forEach((notes, index) => write(notes, `note ${index}`));
  await Promise.all(hers.map((notes) => notes.saved()));
  await until('ben has them all', () => his.every((notes, index) => textOf(notes) === `note ${index}`));
  expect([anna.sockets, ben.sockets]).toEqual([1, 1]);
  expect(await metric(server, 'connections')).toBe(2);

  await server.end('SIGKILL');
  await Promise.all([anna.reaches('waiting'), ben.reaches('waiting')]);
  his.forEach((notes, index) => write(notes, `, and ${index}`));
  await using again = await server.restart();
  await Promise.all(his.map((notes) => notes.saved()));
  const all = (index: number): string => `note ${index}, and ${index}`;
  await until('anna has them all', () => hers.every((notes, index) => textOf(notes) === all(index)));
  expect(await metric(again, 'connections')).toBe(2);
  for (const [index, name] of names.entries()) {
    expect(textOf({ doc: storedDocument(folder.path, name) })).toBe(all(index));
  }
});

it('[SDK6] listeners that throw are reported, and stop nothing', async () => {
  using folder = temporaryFolder();
  await using server = await ServerProcess.start({ data: folder.path });
  await using anna = new SdkClient({ url: server.sync });
  const complaint = new Error('the application has a mistake');
  const fail = (): never => {
    throw complaint;
  };
  const notes = anna.open(document);
  let heard = 0;
  notes.onStatus(fail);
  notes.onStatus(() => heard++);
  anna.client.onStatus(fail);
  notes.presence.on('change', fail);
  write(notes, 'saved all the same');
  await Promise.all([notes.saved(), notes.synced()]);
  expect(heard).toBeGreaterThan(0);
  expect(anna.reported.length).toBeGreaterThan(0);
  expect(new Set(anna.reported)).toEqual(new Set([complaint]));
});

it('[CNV1] [SDK6] observers that throw while updates of others come in keep none of them out', async () => {
  using folder = temporaryFolder();
  await using server = await ServerProcess.start({ data: folder.path });
  await using anna = new SdkClient({ url: server.sync });
  await using ben = new SdkClient({ url: server.sync });
  const [hers, his] = [anna.open(document), ben.open(document)];
  await Promise.all([hers.synced(), his.synced()]);
  let throws = 0;
  const fail = (): never => {
    throws++;
    throw new Error('the application has a mistake');
  };
  hers.doc.getText('content').observe(fail);
  hers.doc.on('afterTransaction', fail);
  for (const letters of ['one', ' two', ' three']) {
    write(his, letters);
    await his.saved();
  }
  await until('anna has everything', () => textOf(hers) === 'one two three');
  expect(anna.reported.length).toBeGreaterThan(0);
  // What an observer throws on an edit of this side goes to whoever made the edit, and the edit is sent.
  expect(() => write(hers, ' four')).toThrow('the application has a mistake');
  await hers.saved();
  await until('ben has it', () => textOf(his) === 'one two three four');
  expect(throws).toBeGreaterThan(3);
});

it('[SDK1] [SDK6] a document in the midst of a change is not said to be saved before the change is', async () => {
  using folder = temporaryFolder();
  await using server = await ServerProcess.start({ data: folder.path });
  await using anna = new SdkClient({ url: server.sync });
  const doc = new Y.Doc();
  const seen: boolean[] = [];
  const stored: Promise<string>[] = [];
  const notes = (): SyncedDocument => anna.open(document, { doc });
  const ask = (): void => {
    seen.push(notes().status.uploads.isSaved);
    const saved = notes().saved();
    stored.push(saved.then(() => textOf({ doc: storedDocument(folder.path, document) })));
  };
  // Before the document was opened, so that it is told of an update before the SDK is.
  doc.on('update', () => anna.client.status.connection.state === 'connected' && ask());
  await Promise.all([notes().synced(), notes().saved()]);
  doc.transact(() => {
    write({ doc }, 'typed');
    ask();
  });
  // Nothing is changed in it, and it is saved when it is over.
  doc.transact(ask);
  expect(seen).toEqual([false, false, false]);
  expect(await Promise.all(stored)).toEqual(['typed', 'typed', 'typed']);
  expect(notes().status.uploads.isSaved).toBe(true);
});

it('[SDK6] [SDK1] what an observer answers to an update of others is an edit, and is sent', async () => {
  using folder = temporaryFolder();
  await using server = await ServerProcess.start({ data: folder.path });
  await using anna = new SdkClient({ url: server.sync });
  await using ben = new SdkClient({ url: server.sync });
  const [hers, his] = [anna.open(document), ben.open(document)];
  await Promise.all([hers.synced(), his.synced()]);
  const answers = hers.doc.getArray<string>('answers');
  hers.doc.getText('content').observe(() => {
    answers.push([`heard ${textOf(hers)}`]);
    expect(hers.status.uploads.isSaved).toBe(false);
  });
  write(his, 'a question');
  const heard = his.doc.getArray<string>('answers');
  await until('ben has the answer', () => heard.length === 1);
  expect(heard.toJSON()).toEqual(['heard a question']);
  await hers.saved();
  expect(anna.reported).toEqual([]);
});

it('[SDK1] [SDK6] an edit that a listener of the Y.Doc keeps the SDK from hearing of is never said to be saved', async () => {
  using folder = temporaryFolder();
  await using server = await ServerProcess.start({ data: folder.path });
  await using anna = new SdkClient({ url: server.sync });
  const notes = anna.open(document);
  const { doc } = notes;
  notes.close();
  doc.on('update', () => {
    throw new Error('the application has a mistake');
  });
  const again = anna.open(document, { doc });
  await again.synced();
  // A Y.Doc that this has happened to tells nobody of any edit again.
  expect(() => write(again, 'typed')).toThrow('the application has a mistake');
  const saved = settled(again.saved());
  await anna.open('another document').synced();
  expect(saved.is).toBe('open');
  expect(again.status.uploads.isSaved).toBe(false);
  expect(textOf({ doc: storedDocument(folder.path, document) })).toBe('');
});
