import {
  idleMs,
  maxCostlyTasks,
  minTailBytes,
  minTailBytesAtRest,
  minTailEntries,
  minTailEntriesAtRest,
  snapshotBytesPerTailByte,
  snapshotBytesPerTailEntry,
  sweepMs,
} from '@syncline/server/core/limits.ts';
import { YjsEngine } from '@syncline/server/engine/yjs.ts';
import { CostlyTask } from '@syncline/server/port/engine.ts';
import type { SnapshotHead } from '@syncline/server/port/journal.ts';
import { documentName } from '@syncline/shared';
import { describe, expect, it } from 'vitest';
import { until } from '../support/until.ts';
import { Author, Core, letters } from './core.ts';
import type { RecordingSpeaker } from './recording-speaker.ts';

const name = documentName('notes');

/** An engine whose compactions always run over their limits. */
class OverburdenedEngine extends YjsEngine {
  compactions = 0;
  override async compact(): Promise<never> {
    this.compactions++;
    throw new CostlyTask('compact took longer than it may');
  }
}

async function type(core: Core, writer: RecordingSpeaker, author: Author, entries: number): Promise<void> {
  for (let at = 0; at < entries; at++) await core.commit(writer, author.type('.'));
}

async function snapshot(core: Core): Promise<SnapshotHead | undefined> {
  return (await core.journal.head(name))?.snapshot;
}

/** How many entries a document has when a compaction of it begins. */
async function compactedThrough(core: Core, times: number): Promise<number | undefined> {
  await core.compacted(times);
  return (await snapshot(core))?.through;
}

describe('a document at rest', () => {
  it('[DOC4] gives its version back, and takes in and tells what comes next as if nothing had been', async () => {
    await using core = new Core();
    const [writer, reader] = [await core.join(), await core.join()];
    const anna = new Author(1);
    await core.commit(writer, anna.type('before'));
    const readsBefore = core.journal.reads;
    core.clock.advance(idleMs - 1);
    await core.commit(writer, anna.type(', during'));
    expect(core.journal.reads).toBe(readsBefore);
    core.clock.advance(idleMs + sweepMs);
    await core.commit(writer, anna.type(', after'));
    expect(core.journal.reads).toBe(readsBefore + 1);
    writer.channel.update(anna.updates[0]!);
    expect(core.observed.repeated).toBe(1);
    await until('the reader has all', () => reader.text === anna.text);
    expect(core.documents.count).toBe(1);
  });

  it('[DOC4] goes when nobody has it open, and is found as it was', async () => {
    await using core = new Core();
    const writer = await core.join();
    const anna = new Author(1);
    await core.commit(writer, anna.type('hello'));
    writer.channel.close();
    core.clock.advance(idleMs - 1);
    expect(core.documents.count).toBe(1);
    core.clock.advance(sweepMs);
    expect(core.documents.count).toBe(0);
    expect(core.observed.evicted).toBe(1);
    expect((await core.join()).text).toBe('hello');
  });

  it('[DOC4] is not put to rest under an update that is still being checked', async () => {
    await using core = new Core();
    const writer = await core.join();
    const anna = new Author(1);
    await core.commit(writer, anna.type('hello'));
    writer.channel.update(anna.type(letters(100_000)));
    core.clock.advance(idleMs + sweepMs);
    await core.committed(2);
    expect(writer.refused).toBeUndefined();
    await until('it is sent', () => writer.text === anna.text);
  });

  it('[DOC4] stays while a commit of it is under way', async () => {
    await using core = new Core();
    const writer = await core.join();
    core.journal.hold();
    writer.channel.update(new Author(1).type('hello'));
    writer.channel.close();
    core.clock.advance(10 * idleMs);
    expect(core.documents.count).toBe(1);
    core.journal.release();
    await core.committed(1);
    core.clock.advance(idleMs + sweepMs);
    expect(core.documents.count).toBe(0);
  });

  it('[CNV3] is compacted with a long tail, and not with a shorter one', async () => {
    await using core = new Core();
    const writer = await core.join();
    const anna = new Author(1);
    await type(core, writer, anna, minTailEntriesAtRest - 1);
    core.clock.advance(idleMs + sweepMs);
    await type(core, writer, anna, 1);
    core.clock.advance(idleMs + sweepMs);
    expect(await compactedThrough(core, 1)).toBe(minTailEntriesAtRest);
    expect((await core.join()).text).toBe(anna.text);
  });
});

describe('a tail', () => {
  it('[CNV3] of few large entries is compacted at rest, if they are large beside the snapshot', async () => {
    await using core = new Core();
    const writer = await core.join();
    const anna = new Author(1);
    const rest = (): void => core.clock.advance(idleMs + sweepMs);
    await core.commit(writer, anna.type(letters(2 * minTailBytesAtRest)));
    rest();
    expect(await compactedThrough(core, 1)).toBe(1);
    await core.commit(writer, anna.type(letters(minTailBytesAtRest / 2)));
    rest();
    await core.commit(writer, anna.type(letters(minTailBytesAtRest / 2)));
    rest();
    expect(await compactedThrough(core, 2)).toBe(3);
    expect((await core.join()).text).toBe(anna.text);
  });

  it('[CNV3] of enough entries is compacted, of more where the snapshot is large', async () => {
    await using core = new Core();
    const writer = await core.join();
    const anna = new Author(1);
    const large = minTailBytes / 5;
    for (let at = 0; at < 4; at++) await core.commit(writer, anna.type(letters(large)));
    await type(core, writer, anna, minTailEntries - 4);
    expect(await compactedThrough(core, 1)).toBe(minTailEntries);
    const wanted = Math.ceil((await snapshot(core))!.bytes / snapshotBytesPerTailEntry);
    expect(wanted).toBeGreaterThan(minTailEntries);
    await type(core, writer, anna, wanted);
    expect(await compactedThrough(core, 2)).toBe(minTailEntries + wanted);
    expect((await core.join()).text).toBe(anna.text);
  });

  it('[CNV3] of enough bytes is compacted, of more where the snapshot is large', async () => {
    await using core = new Core();
    const writer = await core.join();
    const anna = new Author(1);
    const part = Math.ceil(minTailBytes / 8);
    for (let times = 1; times <= 3; times++) {
      for (let at = 0; at < 8; at++) await core.commit(writer, anna.type(letters(part)));
      expect(await compactedThrough(core, times)).toBe(8 * times);
    }
    // Now half of the snapshot is more than the least that is compacted.
    const parts = Math.ceil((await snapshot(core))!.bytes / snapshotBytesPerTailByte / (part + 20));
    expect(parts).toBeGreaterThan(8);
    for (let at = 0; at < parts; at++) await core.commit(writer, anna.type(letters(part)));
    expect(await compactedThrough(core, 4)).toBe(24 + parts);
  });

  it('[ENG2] that costs too much so many times is left as it is, and the document served as it is stored', async () => {
    const engine = new OverburdenedEngine(new Uint8Array(16));
    await using core = new Core(engine);
    const writer = await core.join();
    const anna = new Author(1);
    await type(core, writer, anna, minTailEntries);
    await core.compacted(1);
    expect((await core.journal.head(name))?.isCostly).toBe(false);
    await type(core, writer, anna, 1);
    await core.compacted(maxCostlyTasks);
    expect((await core.journal.head(name))?.isCostly).toBe(true);
    expect(core.observed.notices).toMatchObject([{ event: 'document-costly' }]);
    await type(core, writer, anna, minTailEntries);
    core.clock.advance(idleMs + sweepMs);
    expect((await core.join()).text).toBe(anna.text);
    expect(engine.compactions).toBe(maxCostlyTasks);
  });

  it('[ENG2] that cannot be marked for a failing disk takes nothing else along', async () => {
    await using core = new Core(new OverburdenedEngine(new Uint8Array(16)));
    const writer = await core.join();
    const anna = new Author(1);
    core.journal.isMarkingBroken = true;
    await type(core, writer, anna, minTailEntries + 1);
    await core.compacted(maxCostlyTasks);
    expect(core.observed.notices.map(({ event }) => event)).toEqual(['document-costly', 'compaction-failed']);
    await type(core, writer, anna, 1);
    expect((await core.join()).text).toBe(anna.text);
  });
});
