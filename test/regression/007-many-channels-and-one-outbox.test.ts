// Channels of one session that waited together for room all found it, and each sent a page before any of the others had
// looked again: a session with many channels was sent a multiple of what an outbox holds.
import { maxOutboxBytes } from '@syncline/server/core/limits.ts';
import { expect, it } from 'vitest';
import { Author, Core, letters } from '../core/core.ts';
import { CoreSession } from '../native/core-session.ts';

const channels = 200;
const updates = 12;

it('[DOC2] what many channels of one session are answered is bounded together', async () => {
  await using core = new Core();
  await write(core);
  const reader = await CoreSession.greet(core);
  reader.outbox.isStuck = true;
  for (let channel = 1; channel <= channels; channel++) {
    reader.open(channel);
    reader.compare(channel);
  }
  await turns();
  expect(reader.outbox.bufferedBytes).toBeGreaterThan(maxOutboxBytes);
  expect(reader.outbox.bufferedBytes).toBeLessThan(2 * maxOutboxBytes);
});

it('[DOC2] what they are sent from the log when there is room again is bounded together', async () => {
  await using core = new Core();
  await write(core);
  const reader = await stalledWithMany(core);
  reader.drain();
  reader.outbox.isStuck = true;
  await turns();
  expect(reader.outbox.bufferedBytes).toBeGreaterThan(maxOutboxBytes);
  expect(reader.outbox.bufferedBytes).toBeLessThan(2 * maxOutboxBytes);
});

it('[DOC9] the log is not read for a session that has no room', async () => {
  await using core = new Core();
  await write(core);
  let reads = 0;
  const log = core.journal.log.bind(core.journal);
  core.journal.log = (...where) => {
    reads++;
    return log(...where);
  };
  const reader = await stalledWithMany(core);
  expect(reads).toBe(0);
  reader.drain();
  await reader.hears('caughtUp', channels);
});

/** A document of 180 KB. */
async function write(core: Core): Promise<void> {
  const writer = await CoreSession.join(core);
  const author = new Author(1);
  for (let batch = 1; batch <= updates; batch++) writer.updates(batch, author.type(letters(15_000)));
  await core.committed(updates);
}

/** A session that has resumed at the beginning on every channel, and has no room. */
async function stalledWithMany(core: Core): Promise<CoreSession> {
  const reader = await CoreSession.greet(core);
  reader.stall();
  for (let channel = 1; channel <= channels; channel++) reader.open(channel, 'notes', reader.position(0));
  await turns();
  return reader;
}

async function turns(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate);
}
