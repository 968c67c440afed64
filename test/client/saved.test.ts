// What the SDK says of what was typed, held against what lies on the disk.
import { expect, it } from 'vitest';
import { failedCommits } from '../support/metric.ts';
import { OtherWriter } from '../support/other-writer.ts';
import { SdkClient, settled, textOf, write } from '../support/sdk-client.ts';
import { ServerProcess, temporaryFolder } from '../support/server.ts';
import { storedDocument } from '../support/stored-updates.ts';
import { until } from '../support/until.ts';

const document = 'notes/today';

it('[SDK1] [SDK6] while commits fail nothing is said to be saved, and it is as soon as they succeed', async () => {
  using folder = temporaryFolder();
  await using server = await ServerProcess.start({ data: folder.path });
  await using anna = new SdkClient({ url: server.sync });
  const notes = anna.open(document);
  write(notes, 'before');
  await notes.saved();
  expect(notes.status.uploads).toEqual({
    isSaved: true,
    isAllowed: true,
    edits: 0,
    bytes: 0,
    oldestMs: undefined,
    awaited: [],
  });

  using other = new OtherWriter(folder.path);
  other.refuse();
  write(notes, ', while');
  const saved = settled(notes.saved());
  await until('a commit has failed twice', async () => (await failedCommits(server)) >= 2);
  expect(saved.is).toBe('open');
  expect(notes.status.uploads).toMatchObject({ isSaved: false, edits: 1 });
  expect(notes.status.downloads).toEqual({ state: 'current' });
  expect(readStored(folder.path)).toBe('before');

  other.allow();
  await until('it is saved', () => saved.is === 'resolved');
  expect(readStored(folder.path)).toBe('before, while');
  expect(notes.status.uploads.isSaved).toBe(true);
  expect(anna.sockets).toBe(1);
});

it('[SDK1] [SDK6] waits for what was typed before the call, and for nothing that came after', async () => {
  using folder = temporaryFolder();
  await using server = await ServerProcess.start({ data: folder.path });
  await using anna = new SdkClient({ url: server.sync });
  const notes = anna.open(document);
  await notes.synced();
  using other = new OtherWriter(folder.path);
  write(notes, 'one');
  const first = settled(notes.saved());
  await until('the first is saved', () => first.is === 'resolved');
  other.refuse();
  const nothingNew = settled(notes.saved());
  write(notes, ' two');
  const second = settled(notes.saved());
  await until('the second was tried', async () => (await failedCommits(server)) > 0);
  expect(nothingNew.is).toBe('resolved');
  expect(second.is).toBe('open');
  expect(readStored(folder.path)).toBe('one');
  other.allow();
  await until('the second is saved', () => second.is === 'resolved');
});

it('[DUR7] [SDK6] [SDK3] across a kill nothing that was saved is missing, and what was not is sent once more', async () => {
  using folder = temporaryFolder();
  await using server = await ServerProcess.start({ data: folder.path });
  await using anna = new SdkClient({ url: server.sync });
  const notes = anna.open(document);
  write(notes, 'saved');
  await notes.saved();
  using other = new OtherWriter(folder.path);
  other.hold();
  write(notes, ', not saved');
  const saved = settled(notes.saved());
  // The server has it and waits for the disk; what it sends besides arrives.
  const hasSent = anna.open('another document');
  await hasSent.synced();
  await server.end('SIGKILL');
  other.letGo();
  await anna.reaches('waiting');
  expect(saved.is).toBe('open');
  expect(notes.status.uploads).toMatchObject({ isSaved: false, edits: 1 });
  expect(notes.status.downloads).toEqual({ state: 'waiting' });
  expect(readStored(folder.path)).toBe('saved');

  await using again = await server.restart();
  await until('it is saved', () => saved.is === 'resolved');
  expect(readStored(folder.path)).toBe('saved, not saved');
  await using ben = new SdkClient({ url: again.sync });
  const read = ben.open(document);
  await read.synced();
  expect(textOf(read)).toBe('saved, not saved');
});

it('[SDK6] a status heard by a listener is never ahead of the disk', async () => {
  using folder = temporaryFolder();
  await using server = await ServerProcess.start({ data: folder.path });
  await using anna = new SdkClient({ url: server.sync });
  const notes = anna.open(document);
  const lies: string[] = [];
  let claims = 0;
  notes.onStatus(({ uploads }) => {
    if (!uploads.isSaved) return;
    claims++;
    const stored = readStored(folder.path);
    if (stored !== textOf(notes)) lies.push(stored);
  });
  await notes.synced();
  for (let edit = 0; edit < 20; edit++) {
    write(notes, `line ${edit}\n`);
    // In the turn in which it was typed it is not saved either.
    expect(notes.status.uploads.isSaved).toBe(false);
    await notes.saved();
  }
  expect(claims).toBeGreaterThanOrEqual(20);
  expect(lies).toEqual([]);
});

function readStored(data: string): string {
  return storedDocument(data, document).getText('content').toJSON();
}
