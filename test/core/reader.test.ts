import {
  maxOutboxBytes,
  maxRecentBytes,
  maxRequestBytesKept,
  maxSingleAnswerBytes,
  maxTailBytesUnfiltered,
  minTailEntries,
  pageBytes,
} from '@syncline/server/core/limits.ts';
import { YWebsocketSession } from '@syncline/server/dialect/y-websocket.ts';
import { YjsEngine } from '@syncline/server/engine/yjs.ts';
import type { Outbox } from '@syncline/server/port/outbox.ts';
import { documentName } from '@syncline/shared';
import * as Y from 'yjs';
import { describe, expect, it } from 'vitest';
import { syncFrame } from '../support/frames.ts';
import { until } from '../support/until.ts';
import { Author, Core, letters, nothingHeld } from './core.ts';
import type { RecordingSpeaker } from './recording-speaker.ts';

/** An engine under which a tail only grows. */
class UncompactingEngine extends YjsEngine {
  override async compact(): Promise<never> {
    throw new Error('not now');
  }
}

/** Typed until a compaction, these are more than the recent entries hold, and less than makes it begin earlier. */
const lettersBeyondRecent = Math.ceil((1.5 * maxRecentBytes) / minTailEntries);

function bytesOf({ pieces }: { pieces: readonly Uint8Array[] }): number {
  return pieces.reduce((sum, { length }) => sum + length, 0);
}

/** Types, so many letters at a time, until the document is compacted. */
async function typeUntilCompacted(
  core: Core,
  writer: RecordingSpeaker,
  author: Author,
  count = 1,
): Promise<void> {
  const typed = letters(count);
  for (let at = 0; at < minTailEntries; at++) await core.commit(writer, author.type(typed));
  await core.compacted(1);
}

describe('a reader that is slow', () => {
  it('[DOC1] catches up from the recent entries while they reach back, and from the log when they do not', async () => {
    await using core = new Core();
    const [writer, near, far] = [await core.join(), await core.join(), await core.join()];
    const anna = new Author(1);
    const update = (): Uint8Array => anna.type(letters(maxRecentBytes / 16 - 600));
    far.hasRoom = false;
    await core.commit(writer, update());
    near.hasRoom = false;
    for (let count = 0; count < 16; count++) await core.commit(writer, update());
    near.drain();
    expect(near.text).toBe(anna.text);
    expect(core.observed.fellBehind).toBe(0);
    far.drain();
    expect(core.observed.fellBehind).toBe(1);
    await until('it has all', () => far.text === anna.text);
    await core.commit(writer, anna.type('live again'));
    expect(far.text).toBe(anna.text);
  });

  it('[DOC2] is handed a page at a time, and the next when it has room', async () => {
    const engine = new UncompactingEngine(new Uint8Array(16));
    await using core = new Core(engine);
    const [writer, reader] = [await core.join(), await core.join()];
    const anna = new Author(1);
    reader.hasRoom = false;
    const update = letters(20_000);
    for (let bytes = 0; bytes < 4 * pageBytes; bytes += update.length) {
      await core.commit(writer, anna.type(update));
    }
    for (let page = 1; page <= 4; page++) {
      reader.roomFor = 1;
      reader.drain();
      await until('a page has come', () => reader.of('part').length === page);
      expect(reader.hasRoom).toBe(false);
    }
    reader.roomFor = Infinity;
    reader.drain();
    await until('it has all', () => reader.text === anna.text);
    for (const part of reader.of('part')) expect(bytesOf(part)).toBeLessThan(pageBytes + update.length + 100);
  });

  it('[DOC2] is sent nothing more while its outbox is full', async () => {
    await using core = new Core();
    const sent: Uint8Array[] = [];
    const outbox = {
      bufferedBytes: 0,
      send: (frame: Uint8Array) => sent.push(frame),
      close: () => {},
      pause: () => {},
      resume: () => {},
    } satisfies Outbox;
    const session = new YWebsocketSession(outbox);
    session.begin(core.documents.open(documentName('notes'), session));
    session.receive(syncFrame('request', nothingHeld));
    await until('it was asked and answered', () => sent.length === 2);
    const writer = await core.join();
    const anna = new Author(1);
    outbox.bufferedBytes = maxOutboxBytes - 1;
    await core.commit(writer, anna.type('last'));
    expect(sent).toHaveLength(3);
    outbox.bufferedBytes++;
    await core.commit(writer, anna.type(', one more'));
    expect(sent).toHaveLength(3);
    outbox.bufferedBytes = 0;
    session.drained();
    expect(sent).toHaveLength(4);
  });

  it('[DOC5] is restarted from the snapshot when a compaction has passed it, with what it said that it has', async () => {
    await using core = new Core();
    const writer = await core.join();
    const anna = new Author(1);
    await core.commit(writer, anna.type(letters(50_000)));
    const start = Y.encodeStateAsUpdate(anna.document);
    const few = await core.join('notes', anna.stateVector);
    // As many clients as make its request one that is not kept.
    const clients = Array.from({ length: maxRequestBytesKept / 4 }, (_, at) => [1_000_000 + at, 1] as const);
    const many = await core.join('notes', Y.encodeStateVector(new Map([[1, 50_000], ...clients])));
    few.hasRoom = many.hasRoom = false;
    const missedBytes = lettersBeyondRecent * minTailEntries;
    await typeUntilCompacted(core, writer, anna, lettersBeyondRecent);
    expect(await core.journal.log(1, 1, pageBytes)).toBe('compacted');
    few.drain();
    many.drain();
    const textOf = (reader: RecordingSpeaker): string => reader.document(start).getText('content').toJSON();
    await until('both have all', () => textOf(few) === anna.text && textOf(many) === anna.text);
    expect(few.saidBytes).toBeLessThan(missedBytes + 1_000);
    expect(many.saidBytes).toBeGreaterThan(missedBytes + 50_000);
  });

  it('[DOC5] that goes while it is restarted is gone', async () => {
    await using core = new Core();
    const [writer, reader] = [await core.join(), await core.join()];
    const anna = new Author(1);
    reader.hasRoom = false;
    await typeUntilCompacted(core, writer, anna, lettersBeyondRecent);
    reader.drain();
    reader.channel.close();
    await core.commit(writer, anna.type('!'));
    expect(reader.channel.isClosed).toBe(true);
    expect(reader.saidBytes).toBe(0);
  });
});

describe('an answer', () => {
  it('[YWS5] is sent in parts and then ended, where the snapshot is not small', async () => {
    const parts: number[] = [];
    for (const size of [maxSingleAnswerBytes - 2_000, maxSingleAnswerBytes]) {
      await using core = new Core();
      const writer = await core.join();
      const anna = new Author(1);
      await core.commit(writer, anna.type(letters(size)));
      await typeUntilCompacted(core, writer, anna);
      await core.commit(writer, anna.type('the tail'));
      const reader = await core.join();
      expect(reader.text).toBe(anna.text);
      parts.push(reader.of('part').length);
      expect(reader.said.at(-1)).toEqual({ kind: 'answer', pieces: [] });
    }
    expect(parts).toEqual([1, 2]);
  });

  it('[ENG6] is one message of next to nothing for a reader that has the snapshot', async () => {
    await using core = new Core();
    const writer = await core.join();
    const anna = new Author(1);
    await core.commit(writer, anna.type(letters(50_000)));
    await typeUntilCompacted(core, writer, anna);
    const reader = await core.join('notes', anna.stateVector);
    expect(reader.said.map(({ kind }) => kind)).toEqual(['answer']);
    expect(reader.saidBytes).toBeLessThan(20);
    await core.commit(writer, anna.type('the tail'));
    expect(reader.saidBytes).toBeLessThan(100);
  });

  it('[CNV4] leaves out what a reader has of a large tail, and sends a small one as it is', async () => {
    const said: number[] = [];
    for (const updates of [3, 4]) {
      await using core = new Core();
      const writer = await core.join();
      const anna = new Author(1);
      const length = maxTailBytesUnfiltered / 4 + 1;
      for (let at = 0; at < updates; at++) await core.commit(writer, anna.type(letters(length)));
      // It has all but half of the last update.
      const held = new Map([[1, Math.round((updates - 0.5) * length)]]);
      const reader = await core.join('notes', Y.encodeStateVector(held));
      said.push(Math.round((reader.saidBytes / length) * 10) / 10);
    }
    expect(said).toEqual([3, 0.5]);
  });
});
