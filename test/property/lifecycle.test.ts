// A document through its life: written, compacted, put out of memory, and read again by another process on the same file.
import { documentName } from '@syncline/shared';
import { expect, it } from 'vitest';
import { minTailEntries, minTailEntriesAtRest } from '@syncline/server/core/limits.ts';
import type { RecordingSpeaker } from '../core/recording-speaker.ts';
import { SeededRandom } from '../support/random.ts';
import { temporaryFolder } from '../support/server.ts';
import { until } from '../support/until.ts';
import { contentOf, readerOf } from './content.ts';
import { editTogether } from './editing.ts';
import { Replica } from './replica.ts';

const name = documentName('life/1');
/** The two runs and all that is beside them share two cores. */
const compactedWithinMs = 80_000;

it.concurrent.each([1, 2])(
  '[DIG3] [DOC4] the digest is the same after compaction, eviction and restart (seed %i)',
  async (seed) => {
    using folder = temporaryFolder();
    const random = new SeededRandom(seed);
    const written = random.shuffle(editTogether(random, { people: 4, steps: 1_300 }));
    // The first part is long enough to be compacted while it is written, the second when it is at rest.
    const [first, second] = [written.slice(0, minTailEntries + 50), written.slice(minTailEntries + 50)];
    expect(second.length).toBeGreaterThan(minTailEntriesAtRest);
    {
      await using replica = await Replica.open(folder.path);
      const writer = await replica.read(name);
      await replica.write(writer, first);
      const { digest } = await replica.head(name);
      expect(digest).toEqual(await digestOf(replica, first));
      await until(
        'the tail is compacted',
        async () => (await replica.head(name)).snapshot !== undefined,
        compactedWithinMs,
      );
      await same(replica, first);
      expect((await replica.head(name)).tail.length).toBeLessThan(minTailEntries);
      writer.channel.close();
      await evicted(replica);
      await same(replica, first);
    }
    {
      await using replica = await Replica.open(folder.path);
      await same(replica, first);
      const writer = await replica.read(name);
      const through = (await replica.head(name)).snapshot!.through;
      await replica.write(writer, second);
      await same(replica, written);
      await until(
        'the tail is compacted at rest',
        async () => (await replica.head(name)).snapshot!.through > through,
        compactedWithinMs,
      );
      await same(replica, written);
      writer.channel.close();
      await evicted(replica);
      await same(replica, written);
      expect(replica.observed.notices).toEqual([]);
    }
    await using replica = await Replica.open(folder.path);
    await same(replica, written);
  },
);

/** What is stored, and what a new reader and one that has part of it end up with, is exactly these updates. */
async function same(replica: Replica, updates: readonly Uint8Array[]): Promise<void> {
  const wanted = await digestOf(replica, updates);
  const { digest, snapshot, tail } = await replica.head(name);
  expect(digest).toEqual(wanted);
  const stored = tail.flatMap((entry) => entry.updates);
  expect((await replica.engine.version(snapshot?.version, stored)).digest()).toEqual(wanted);
  const content = contentOf(readerOf(...updates));
  const newcomer = await replica.read(name);
  expect(contentOf(readerOf(...told(newcomer)))).toEqual(content);
  const heard = updates.slice(0, updates.length / 2);
  const request = (await replica.engine.version(undefined, heard)).request();
  const returning = await replica.read(name, request);
  expect(contentOf(readerOf(...heard, ...told(returning)))).toEqual(content);
  newcomer.channel.close();
  returning.channel.close();
}

async function digestOf({ engine }: Replica, updates: readonly Uint8Array[]): Promise<Uint8Array> {
  return (await engine.version(undefined, updates)).digest();
}

async function evicted(replica: Replica): Promise<void> {
  await until('the document is out of memory', () => replica.documents.count === 0);
}

function told(speaker: RecordingSpeaker): Uint8Array[] {
  return speaker.said.flatMap(({ pieces }) => pieces);
}
