// Whatever the way of the updates, what is held, its digest and its content are the same.
import fc from 'fast-check';
import { afterAll, expect, it } from 'vitest';
import * as Y from 'yjs';
import type { Summary, Version } from '@syncline/server/port/engine.ts';
import { YjsEngine } from '@syncline/server/engine/yjs.ts';
import { SeededRandom } from '../support/random.ts';
import { contentOf, readerOf } from './content.ts';
import { editTogether } from './editing.ts';

const engine = new YjsEngine(Uint8Array.from({ length: 16 }, (_, index) => index + 1));
afterAll(() => engine.stop());

// What a failure prints makes the document again.
const recipe = fc.record({
  seed: fc.integer(),
  people: fc.integer({ min: 1, max: 4 }),
  steps: fc.integer({ min: 1, max: 80 }),
});
type Recipe = typeof recipe extends fc.Arbitrary<infer Value> ? Value : never;

function write({ seed, ...editing }: Recipe): { random: SeededRandom; updates: Uint8Array[] } {
  const random = new SeededRandom(seed);
  return { random, updates: editTogether(random, editing) };
}

it('[CNV2] [DIG1] the same updates, in any order, split, repeated and merged, give the same held set and digest', () => {
  fc.assert(
    fc.property(recipe, (given) => {
      const { random, updates } = write(given);
      const wanted = versionOf(updates);
      const rearranged = rearrange(random, updates);
      const version = versionOf(rearranged);
      expect(version.digest()).toEqual(wanted.digest());
      expect(version.encode()).toEqual(wanted.encode());
      expect(contentOf(readerOf(...rearranged))).toEqual(contentOf(readerOf(...updates)));
    }),
    { numRuns: 500 },
  );
});

it('[DIG2] without one of the updates the digest is another, unless that one told nothing new', () => {
  let redundant = 0;
  fc.assert(
    fc.property(recipe, (given) => {
      const { random, updates } = write(given);
      fc.pre(updates.length > 0);
      // What yjs tidies, several people declare.
      const left = updates.toSpliced(random.below(updates.length), 1);
      const isSame = operationsOf(left).size === operationsOf(updates).size;
      if (isSame) redundant++;
      expect(Buffer.compare(versionOf(left).digest(), versionOf(updates).digest()) === 0).toBe(isSame);
    }),
    { numRuns: 1_000 },
  );
  expect(redundant).toBeLessThan(500);
});

it('[DIG3] [CNV3] compacted at any time, twice and with gaps, the digest and the content are the same', async () => {
  await fc.assert(
    fc.asyncProperty(recipe, async (given) => {
      const { random, updates } = write(given);
      const arrived = rearrange(random, updates);
      const cut = random.below(arrived.length + 1);
      const first = await engine.compact({ version: undefined, chunks: [], tail: arrived.slice(0, cut) });
      const tail = arrived.slice(cut);
      expect(first.rejected).toEqual([]);
      expect(first.digest).toEqual(versionOf(arrived.slice(0, cut)).digest());
      const restored = await engine.version(first.version, tail);
      expect(restored.digest()).toEqual(versionOf(updates).digest());
      expect(restored.encode()).toEqual(versionOf(updates).encode());
      const second = await engine.compact({ ...first, tail });
      expect(second.rejected).toEqual([]);
      expect(second.digest).toEqual(versionOf(updates).digest());
      const content = contentOf(readerOf(...updates));
      expect(contentOf(readerOf(...first.chunks, ...tail))).toEqual(content);
      expect(contentOf(readerOf(...second.chunks))).toEqual(content);
    }),
    { numRuns: 250 },
  );
});

it('[CNV4] a reader that has part is made whole by the difference, deletions included', async () => {
  await fc.assert(
    fc.asyncProperty(recipe, async (given) => {
      const { random, updates } = write(given);
      const heard = updates.filter(() => !random.oneIn(2));
      const cut = random.below(updates.length + 1);
      const { chunks } = await engine.compact({
        version: undefined,
        chunks: [],
        tail: updates.slice(0, cut),
      });
      const request = engine.readRequest(versionOf(heard).request());
      const news = await engine.diff(request, [...chunks, ...updates.slice(cut)]);
      const reader = readerOf(...heard, ...engine.bundle(news));
      expect(contentOf(reader)).toEqual(contentOf(readerOf(...updates)));
    }),
    { numRuns: 250 },
  );
});

/** These updates are small enough to be read at once. */
function versionOf(updates: readonly Uint8Array[]): Version {
  const version = engine.version(undefined, []) as Version;
  for (const update of updates) version.add(engine.check(update) as Summary);
  return version;
}

/** The same operations by another way. */
function rearrange(random: SeededRandom, updates: readonly Uint8Array[]): Uint8Array[] {
  const shuffled = random.shuffle(updates);
  const arranged: Uint8Array[] = [];
  for (let at = 0; at < shuffled.length;) {
    const group = shuffled.slice(at, (at += 1 + random.below(6)));
    const merged = Y.mergeUpdates(group);
    if (random.oneIn(3)) arranged.push(...group);
    else if (random.oneIn(2)) arranged.push(merged);
    else arranged.push(...split(random, merged, group));
    if (random.oneIn(4)) arranged.push(random.pick(group));
  }
  return random.shuffle(arranged);
}

/**
 * What lies beyond the state of somebody who has some of the group, as a difference, and of the rest each update that
 * begins before it. (Nobody has half of an emoji; yjs would put two signs in its place.)
 */
function split(random: SeededRandom, merged: Uint8Array, group: readonly Uint8Array[]): Uint8Array[] {
  const states = new Map<number, number>();
  for (const update of group.filter(() => random.oneIn(2))) {
    for (const [client, end] of Y.parseUpdateMeta(update).to) {
      states.set(client, Math.max(end, states.get(client) ?? 0));
    }
  }
  const begun = group.filter((update) =>
    [...Y.parseUpdateMeta(update).from].some(([client, start]) => start < (states.get(client) ?? 0)),
  );
  return [Y.diffUpdate(merged, Y.encodeStateVector(states)), ...begun];
}

/** What the updates hold and declare deleted, one operation at a time. */
function operationsOf(updates: readonly Uint8Array[]): Set<string> {
  const operations = new Set<string>();
  const note = (kind: string, client: number, start: number, length: number): void => {
    for (let clock = start; clock < start + length; clock++) operations.add(`${kind} ${client} ${clock}`);
  };
  for (const { structs, ds } of updates.map((update) => Y.decodeUpdate(update))) {
    for (const { id, length } of structs) note('held', id.client, id.clock, length);
    for (const [client, ranges] of ds.clients)
      for (const { clock, len } of ranges) note('deleted', client, clock, len);
  }
  return operations;
}
