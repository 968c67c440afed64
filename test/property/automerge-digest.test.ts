// Whatever the way of the changes, what is held, its digest and its content are the same.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { AutomergeEngine } from '@syncline/server/engine/automerge.ts';
import { parseChanges } from '@syncline/server/engine/automerge/change.ts';
import type { ChangeGraph } from '@syncline/server/engine/automerge/graph.ts';
import { encodeChangesRequest } from '@syncline/server/engine/automerge/request.ts';
import { runTask } from '@syncline/server/engine/automerge/tasks.ts';
import type { Summary, Version } from '@syncline/server/port/engine.ts';
import { SeededRandom } from '../support/random.ts';
import { readBy, rearrange } from './automerge-content.ts';
import { editTogether } from './automerge-editing.ts';

// Tasks run here: what they do is looked at, and not where.
const engine = new AutomergeEngine(
  Uint8Array.from({ length: 16 }, (_, index) => index + 1),
  () => ({
    run: async (task) => runTask(task),
    stop: async () => {},
  }),
);

// What a failure prints makes the document again.
const recipe = fc.record({
  seed: fc.integer(),
  people: fc.integer({ min: 1, max: 4 }),
  steps: fc.integer({ min: 1, max: 25 }),
});
type Recipe = typeof recipe extends fc.Arbitrary<infer Value> ? Value : never;

function write({ seed, ...editing }: Recipe): { random: SeededRandom; changes: Uint8Array[] } {
  const random = new SeededRandom(seed);
  return { random, changes: editTogether(random, editing) };
}

it('[AUT5] the same changes, in any order, together, repeated and deflated, give the same graph and digest', () => {
  fc.assert(
    fc.property(recipe, (given) => {
      const { random, changes } = write(given);
      const wanted = versionOf(changes);
      const rearranged = rearrange(random, changes);
      const version = versionOf(rearranged);
      expect(version.digest()).toEqual(wanted.digest());
      expect(version.fingerprint()).toEqual(wanted.fingerprint());
      expect(headsOf(version)).toEqual(readBy(changes).heads);
      expect(readBy(rearranged)).toEqual(readBy(changes));
    }),
    { numRuns: 30 },
  );
});

it('[AUT5] without one of the changes the digest is another', () => {
  fc.assert(
    fc.property(recipe, (given) => {
      const { random, changes } = write(given);
      fc.pre(changes.length > 0);
      const left = changes.toSpliced(random.below(changes.length), 1);
      expect(versionOf(left).digest()).not.toEqual(versionOf(changes).digest());
    }),
    { numRuns: 50 },
  );
});

it('[AUT10] compacted at any time, twice and with orphans, the digest and the content are the same', async () => {
  await fc.assert(
    fc.asyncProperty(recipe, async (given) => {
      const { random, changes } = write(given);
      const arrived = rearrange(random, changes);
      const cut = random.below(arrived.length + 1);
      const first = await engine.compact({ version: undefined, chunks: [], tail: arrived.slice(0, cut) });
      const tail = arrived.slice(cut);
      expect(first.rejected).toEqual([]);
      expect(first.digest).toEqual(versionOf(arrived.slice(0, cut)).digest());
      const restored = await engine.version(first.version, tail);
      expect(restored.digest()).toEqual(versionOf(changes).digest());
      const second = await engine.compact({ ...first, tail });
      expect(second.rejected).toEqual([]);
      expect(second.digest).toEqual(versionOf(changes).digest());
      const content = readBy(changes);
      expect(readBy([...first.chunks, ...tail])).toEqual(content);
      expect(readBy(second.chunks)).toEqual(content);
    }),
    { numRuns: 25 },
  );
});

it('[AUT10] folded, a document is what it was', async () => {
  await fc.assert(
    fc.asyncProperty(recipe, async (given) => {
      const { random, changes } = write(given);
      const arrived = rearrange(random, changes);
      const cut = random.below(arrived.length + 1);
      const first = await engine.compact({ version: undefined, chunks: [], tail: arrived.slice(0, cut) });
      const folded = await engine.fold({ ...first, tail: arrived.slice(cut) });
      expect(folded.digest).toEqual(versionOf(changes).digest());
      expect(readBy(folded.chunks)).toEqual(readBy(changes));
    }),
    { numRuns: 30 },
  );
});

it('[AUT11] a reader that has part is made whole by the difference, out of snapshot and tail', async () => {
  await fc.assert(
    fc.asyncProperty(recipe, async (given) => {
      const { random, changes } = write(given);
      fc.pre(changes.length > 0);
      // Whoever has a change has what is before it.
      const heard = changes.slice(0, random.below(changes.length + 1));
      const cut = random.below(changes.length + 1);
      const stored = await engine.compact({ version: undefined, chunks: [], tail: changes.slice(0, cut) });
      const tail = rearrange(random, changes.slice(cut));
      const version = await engine.version(stored.version, tail);
      const lacked = version.narrow(engine.readRequest(versionOf(heard).request()));
      const isNeeded = engine.needs(lacked, stored.version) === 'everything';
      expect(isNeeded).toBe(lacked.claimsNothing || heard.length < cut);
      const pieces = isNeeded ? [...stored.chunks, ...tail] : tail;
      const news = lacked.claimsNothing ? pieces : await engine.diff(lacked, pieces);
      // Who has everything, and says so, is sent nothing.
      expect(news.length > 0).toBe(heard.length < changes.length);
      expect(readBy([...heard, ...engine.bundle(news)])).toEqual(readBy(changes));
    }),
    { numRuns: 30 },
  );
});

it('[AUT11] whoever asks for certain changes is sent exactly these', async () => {
  await fc.assert(
    fc.asyncProperty(recipe, async (given) => {
      const { random, changes } = write(given);
      const cut = random.below(changes.length + 1);
      const stored = await engine.compact({ version: undefined, chunks: [], tail: changes.slice(0, cut) });
      const tail = rearrange(random, changes.slice(cut));
      const wanted = changes.filter(() => random.oneIn(3)).map((change) => parseChanges(change)[0]!.hash);
      const request = engine.readRequest(encodeChangesRequest([...wanted, new Uint8Array(32)]));
      const version = await engine.version(stored.version, tail);
      expect(version.narrow(request)).toBe(request);
      const isNeeded = engine.needs(request, stored.version) === 'everything';
      const pieces = await engine.diff(request, isNeeded ? [...stored.chunks, ...tail] : tail);
      const sent = pieces.flatMap((piece) => parseChanges(piece).map(({ hash }) => hex(hash)));
      expect(new Set(sent)).toEqual(new Set(wanted.map(hex)));
    }),
    { numRuns: 30 },
  );
});

it('[AUT12] a whole document is taken in as the changes in it that are lacking', async () => {
  await fc.assert(
    fc.asyncProperty(recipe, async (given) => {
      const { random, changes } = write(given);
      const held = changes.slice(0, random.below(changes.length + 1));
      const { chunks } = await engine.compact({
        version: undefined,
        chunks: [],
        tail: rearrange(random, changes),
      });
      const version = versionOf(held);
      const summary = await engine.check(chunks[0]!);
      const trimmed = engine.trim(chunks[0]!, summary, version);
      const addition = version.add(summary);
      expect(addition === undefined).toBe(held.length === changes.length);
      expect(version.digest()).toEqual(versionOf(changes).digest());
      const restored = await engine.compact({ version: undefined, chunks: [], tail: [...held, chunks[0]!] });
      expect({ digest: restored.digest, rejected: restored.rejected }).toEqual({
        digest: version.digest(),
        rejected: [],
      });
      if (!addition) return;
      expect(parseChanges(trimmed)).toHaveLength(changes.length - held.length);
      expect(versionOf([...held, trimmed]).digest()).toEqual(version.digest());
    }),
    { numRuns: 30 },
  );
});

/** These updates are small enough to be read at once. */
function versionOf(updates: readonly Uint8Array[]): Version {
  const version = engine.version(undefined, []) as Version;
  for (const update of updates) version.add(engine.check(update) as Summary);
  return version;
}

function headsOf(version: Version): string[] {
  return (version as ChangeGraph).heads.map(hex);
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
