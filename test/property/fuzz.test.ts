// 400,000 real updates, changed a little: what passes the check can be applied, merged, compared and compacted.
import { SyncError } from '@syncline/shared';
import { expect, it } from 'vitest';
import * as Y from 'yjs';
import { YjsEngine } from '@syncline/server/engine/yjs.ts';
import { checkUpdate } from '@syncline/server/engine/yjs/check.ts';
import { compact } from '@syncline/server/engine/yjs/tasks.ts';
import { SeededRandom } from '../support/random.ts';
import { editTogether, openRoots } from './editing.ts';
import { mutate } from './mutate.ts';

const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 31);
const count = Number(process.env['FUZZ_COUNT'] ?? 400_000);
/** Of one document; a new one costs as much as some hundred of them. */
const mutantsOfDocument = 4_000;

const digestKey = new Uint8Array(16);
const engine = new YjsEngine(digestKey);

/** A document as it was at some time, and an update that passed the check. */
interface Meeting {
  readonly base: Uint8Array;
  readonly update: Uint8Array;
}

type Use = (meeting: Meeting, random: SeededRandom) => void;

const uses: readonly (readonly [name: string, oneIn: number, use: Use])[] = [
  ['a new document', 1, ({ update }, random) => build(random, update)],
  ['a document that is there', 1, ({ base, update }, random) => build(random, base, update)],
  ['a document that comes later', 4, ({ base, update }, random) => build(random, update, base)],
  ['a bundle', 1, ({ base, update }, random) => build(random, ...engine.bundle([base, update]))],
  ['a difference', 8, ({ base, update }) => Y.diffUpdate(update, Y.encodeStateVectorFromUpdate(base))],
  ['a compaction', 40, compactBoth],
];

it(`[CHK1] what passes the check throws nowhere (FUZZ_SEED=${seed})`, () => {
  const random = new SeededRandom(seed);
  const tally = { passed: 0, disputed: 0 };
  const failures: unknown[] = [];
  for (let tried = 0; tried < count;) {
    const updates = editTogether(random, { people: 1 + random.below(4), steps: 40 });
    if (updates.length < 5) continue;
    const bases = [Y.mergeUpdates(updates.slice(0, updates.length >> 1)), Y.mergeUpdates(updates)];
    for (const update of variants(random, updates, bases[1]!)) {
      tried++;
      if (!passes(update)) continue;
      tally.passed++;
      const meeting = { base: random.pick(bases), update };
      for (const [name, oneIn, use] of uses) {
        if (!random.oneIn(oneIn)) continue;
        try {
          use(meeting, random);
        } catch (error) {
          if (isDisputed(meeting) && use !== compactBoth) {
            tally.disputed++;
            compactBoth(meeting);
          } else failures.push({ name, error: String(error), ...printed(meeting) });
        }
      }
    }
  }
  console.info(
    `FUZZ_SEED=${seed}: of ${count} updates ${tally.passed} passed, ${tally.disputed} were disputed`,
  );
  expect(failures).toEqual([]);
  expect(tally.passed).toBeGreaterThan(count / 10);
  expect(tally.disputed).toBeLessThan(tally.passed / 5_000);
});

/** One update cut at every length, and thousands that were changed at random. */
function* variants(
  random: SeededRandom,
  updates: readonly Uint8Array[],
  whole: Uint8Array,
): Generator<Uint8Array> {
  const cut = random.pick(updates);
  for (let length = 0; length < cut.length; length++) yield cut.subarray(0, length);
  for (let made = cut.length; made < mutantsOfDocument; made++) {
    yield mutate(
      random,
      random.oneIn(40) ? whole : random.pick(updates),
      random.oneIn(3) ? whole : random.pick(updates),
    );
  }
}

function passes(update: Uint8Array): boolean {
  try {
    checkUpdate(update);
    return true;
  } catch (error) {
    if (error instanceof SyncError) return false;
    throw error;
  }
}

function build(random: SeededRandom, ...updates: readonly Uint8Array[]): void {
  const document = new Y.Doc();
  openRoots(document);
  for (const update of updates) Y.applyUpdate(document, update);
  if (random.oneIn(4)) Y.encodeStateAsUpdate(document);
}

function compactBoth({ base, update }: Meeting): void {
  compact({ version: undefined, chunks: [], tail: [base, update] }, digestKey);
}

/**
 * Whether a struct of one begins among the clocks of the other and ends beyond them: two contents for the same clocks,
 * which no client makes and no check of one update can see. yjs may throw; a compaction sets such an update aside.
 */
function isDisputed({ base, update }: Meeting): boolean {
  return reachesBeyond(update, base) || reachesBeyond(base, update);
}

function reachesBeyond(update: Uint8Array, other: Uint8Array): boolean {
  const { held } = checkUpdate(other);
  return Y.decodeUpdate(update).structs.some(({ id, length }) => {
    for (let at = 0; at < held.length; at += 3) {
      const end = held[at + 2]!;
      if (held[at] === id.client && id.clock >= held[at + 1]! && id.clock < end && id.clock + length > end)
        return true;
    }
    return false;
  });
}

function printed({ base, update }: Meeting): { base: string; update: string } {
  return { base: Buffer.from(base).toString('base64'), update: Buffer.from(update).toString('base64') };
}
