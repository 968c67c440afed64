import { maxQueuedBytes, maxQueuedBytesOfChannel } from '@syncline/server/core/limits.ts';
import { documentName } from '@syncline/shared';
import { describe, expect, it } from 'vitest';
import { until } from '../support/until.ts';
import { Author, Core, letters } from './core.ts';
import type { RecordingSpeaker } from './recording-speaker.ts';

/** Small enough that its check is not a task for a worker. */
const letterCount = 10_000;

/** Updates of one size, in all at most so many bytes. */
function updatesOf(bytes: number, author = new Author(1)): Uint8Array[] {
  const updates: Uint8Array[] = [];
  for (let left = bytes; left >= letterCount + 100; left -= updates.at(-1)!.length) {
    updates.push(author.type(letters(letterCount)));
  }
  return updates;
}

function say(speaker: RecordingSpeaker, updates: readonly Uint8Array[]): void {
  for (const update of updates) speaker.channel.update(update);
}

/** Fills all that may wait, by sessions of documents of their own, each below its own bound. */
async function fill(core: Core): Promise<RecordingSpeaker[]> {
  const updates = updatesOf(maxQueuedBytesOfChannel);
  const speakers: RecordingSpeaker[] = [];
  while (!core.documents.isFull) {
    const speaker = await core.join(`filling/${speakers.length}`);
    say(speaker, updates);
    speakers.push(speaker);
  }
  return speakers;
}

describe('a disk that is slower than its writers', () => {
  it('[DOC6] holds a session back whose updates wait, and reads on when half of them are committed', async () => {
    await using core = new Core();
    const [writer, other] = [await core.join(), await core.join()];
    const anna = new Author(1);
    core.journal.hold();
    const updates = updatesOf(maxQueuedBytesOfChannel, anna);
    say(writer, updates);
    expect(writer.isPaused).toBe(false);
    writer.channel.update(anna.type(letters(letterCount)));
    expect(writer.isPaused).toBe(true);
    expect(other.isPaused).toBe(false);
    // What it had read already still comes, and is taken in.
    writer.channel.update(anna.type('the end'));
    core.journal.release();
    await until('it is read again', () => !writer.isPaused);
    await until('nothing is lost', () => other.text === anna.text);
    expect(core.documents.queuedBytes).toBe(0);
  });

  it('[DOC6] holds everybody back when too much waits in all', async () => {
    await using core = new Core();
    const bystander = await core.join('bystander');
    core.journal.hold();
    const filling = await fill(core);
    expect(filling.slice(0, -1).every(({ isPaused }) => !isPaused)).toBe(true);
    expect(core.documents.queuedBytes).toBeLessThan(maxQueuedBytes + maxQueuedBytesOfChannel);
    bystander.channel.update(new Author(2).type('hello'));
    expect(bystander.isPaused).toBe(true);
    core.journal.release();
    await until('everybody is read again', () => [...filling, bystander].every(({ isPaused }) => !isPaused));
    await until('all is committed', () => core.documents.queuedBytes === 0);
    expect(bystander.text).toBe('hello');
  });

  it('[DOC6] reads on from a session whose own updates were committed while too much waited in all', async () => {
    await using core = new Core();
    const writer = await core.join('early');
    const anna = new Author(1);
    core.journal.hold('early');
    say(writer, [...updatesOf(maxQueuedBytesOfChannel, anna), anna.type(letters(letterCount))]);
    expect(writer.isPaused).toBe(true);
    for (let at = 0; at < 100; at++) core.journal.hold(`filling/${at}`);
    await fill(core);
    // Sockets may give what they had read already: there is too much without what is about to be committed.
    for (const name of ['filling/98', 'filling/99']) {
      say(await core.join(name), updatesOf(maxQueuedBytesOfChannel));
    }
    core.journal.release('early');
    await until('its own are committed', () => writer.text === anna.text);
    expect([core.documents.isFull, writer.isPaused]).toEqual([true, true]);
    core.journal.releaseAll();
    await until('it is read again', () => !writer.isPaused);
  });

  it('[DOC6] counts what waits for its document to be read, and gives it back when the session goes', async () => {
    await using core = new Core();
    const speaker = await core.join();
    await core.commit(speaker, new Author(1).type('hello'));
    core.clock.advance(10_000);
    say(speaker, updatesOf(maxQueuedBytesOfChannel / 2, new Author(2)));
    expect(core.documents.queuedBytes).toBeGreaterThan(maxQueuedBytesOfChannel / 4);
    speaker.channel.close();
    await until('nothing is counted', () => core.documents.queuedBytes === 0);
  });
});

describe('on the way down', () => {
  it('[DUR6] what was read is committed, though it is still being checked or its document is still being read', async () => {
    await using core = new Core();
    const [checked, early] = [await core.join('checked'), await core.open('early')];
    const large = new Author(1);
    checked.channel.update(large.type(letters(200_000)));
    await core.commit(early, new Author(2).type('before'));
    core.clock.advance(10_000);
    early.channel.update(new Author(3).type(', after'));
    await core.documents.drain();
    expect((await core.journal.head(documentName('checked')))?.tail).toHaveLength(1);
    expect((await core.journal.head(documentName('early')))?.tail).toHaveLength(2);
    expect(() => core.documents.open(documentName('new'), checked)).toThrow(/stopping/);
  });
});
