import {
  maxPresenceEntriesOfChannel,
  maxPresenceStateBytes,
  presenceTickMs,
} from '@syncline/server/core/limits.ts';
import { documentName } from '@syncline/shared';
import { describe, expect, it } from 'vitest';
import { until } from '../support/until.ts';
import { Author, Core, nothingHeld } from './core.ts';

const name = documentName('notes');
const state = new TextEncoder().encode('"here"');

describe('a session that asks and does not read', () => {
  it('[DOC9] is told who is present once, when it has room', async () => {
    await using core = new Core();
    const [anna, ben] = [await core.join(), await core.join()];
    anna.channel.presence([{ client: 1, clock: 1, state }]);
    core.clock.advance(presenceTickMs);
    ben.hasRoom = false;
    const before = ben.presences.length;
    for (let at = 0; at < 1_000; at++) ben.channel.presenceRequested();
    expect(ben.presences).toHaveLength(before);
    ben.drain();
    expect(ben.presences).toHaveLength(before + 1);
  });

  it('[DOC9] is answered once, when it has room', async () => {
    await using core = new Core();
    const writer = await core.join();
    await core.commit(writer, new Author(1).type('hello'));
    const reader = await core.open();
    reader.hasRoom = false;
    for (let at = 0; at < 1_000; at++) reader.channel.requested(nothingHeld);
    await core.journal.head(name);
    expect(reader.said).toEqual([]);
    reader.drain();
    // The first request, and the last of those that came while it was being answered.
    await until('it is answered', () => reader.of('answer').length === 2);
    expect(reader.text).toBe('hello');
  });

  it('[DOC9] is not read while it has too much waiting, presence included', async () => {
    await using core = new Core();
    const session = await core.open();
    core.documents.open(documentName('other'), session);
    const entries = Array.from({ length: maxPresenceEntriesOfChannel }, (_, client) => ({
      client,
      clock: 1,
      state: new Uint8Array(maxPresenceStateBytes),
    }));
    // Behind a request for a document that is still being read, so that it has to wait.
    const channel = core.documents.open(documentName('cold'), session);
    channel.presence(entries);
    expect(session.isPaused).toBe(true);
    await until('it is read again', () => !session.isPaused);
  });
});

it('[PRS7] a slow reader is told in the end who has left', async () => {
  await using core = new Core();
  const [anna, ben] = [await core.join(), await core.join()];
  anna.channel.presence([{ client: 1, clock: 1, state }]);
  core.clock.advance(presenceTickMs);
  expect(ben.presences.at(-1)).toMatchObject([{ client: 1, clock: 1 }]);
  ben.hasRoom = false;
  anna.channel.close();
  core.clock.advance(presenceTickMs);
  expect(ben.presences).toHaveLength(1);
  ben.drain();
  expect(ben.presences.at(-1)).toMatchObject([{ client: 1, clock: 1, state: undefined }]);
});

it('[DOC8] an update that waits is taken in when its session is gone', async () => {
  await using core = new Core();
  const anna = new Author(1);
  const session = await core.open();
  // Large enough to be checked elsewhere; the session is gone before that has ended.
  session.channel.update(anna.type('x'.repeat(30_000)));
  session.channel.update(anna.type('and a little'));
  session.channel.close();
  await core.committed(2);
  expect((await core.join()).text).toBe(anna.text);
});
