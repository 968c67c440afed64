// Real updates, changed a little, as many as FUZZ_COUNT says: what passes the check can be applied, merged, compared and compacted.
import { SyncError } from '@syncline/shared';
import { expect, it } from 'vitest';
import * as Y from 'yjs';
import { YjsEngine } from '@syncline/server/engine/yjs.ts';
import { checkUpdate } from '@syncline/server/engine/yjs/check.ts';
import { BoundaryHash } from '@syncline/server/engine/yjs/digest.ts';
import { HeldSet } from '@syncline/server/engine/yjs/held-set.ts';
import { asSummary } from '@syncline/server/engine/yjs/summary.ts';
import { compact } from '@syncline/server/engine/yjs/tasks.ts';
import { SeededRandom } from '../support/random.ts';
import { editTogether, openRoots } from './editing.ts';
import { mutate } from './mutate.ts';

const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 31);
const count = Number(process.env['FUZZ_COUNT'] ?? 100_000);
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
  ['a document that is there', 1, ({ base, update }, random) => build(random, ...taken(base, update))],
  ['a document that comes later', 4, ({ base, update }, random) => build(random, ...taken(update, base))],
  ['a bundle', 1, ({ base, update }, random) => build(random, ...engine.bundle(taken(base, update)))],
  ['a difference', 8, ({ base, update }) => Y.diffUpdate(update, Y.encodeStateVectorFromUpdate(base))],
  ['a compaction', 40, compactBoth],
];

/** What the server keeps and passes on of updates that come one after another. */
function taken(...updates: readonly Uint8Array[]): Uint8Array[] {
  const held = new HeldSet(new BoundaryHash(digestKey));
  return updates.map((update) => {
    const summary = asSummary(checkUpdate(update));
    const kept = engine.trim(update, summary, held);
    held.add(summary);
    return kept;
  });
}

it(`[CHK1] what passes the check throws nowhere (FUZZ_SEED=${seed})`, () => {
  const random = new SeededRandom(seed);
  let passed = 0;
  const failures: unknown[] = [];
  for (let tried = 0; tried < count;) {
    const updates = editTogether(random, { people: 1 + random.below(4), steps: 40 });
    if (updates.length < 5) continue;
    const bases = [Y.mergeUpdates(updates.slice(0, updates.length >> 1)), Y.mergeUpdates(updates)];
    for (const update of variants(random, updates, bases[1]!)) {
      tried++;
      if (!passes(update)) continue;
      passed++;
      const meeting = { base: random.pick(bases), update };
      for (const [name, oneIn, use] of uses) {
        if (!random.oneIn(oneIn)) continue;
        try {
          use(meeting, random);
        } catch (error) {
          failures.push({ name, error: String(error), ...printed(meeting) });
        }
      }
    }
  }
  console.info(`FUZZ_SEED=${seed}: of ${count} updates ${passed} passed`);
  expect(failures).toEqual([]);
  expect(passed).toBeGreaterThan(count / 10);
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

function printed({ base, update }: Meeting): { base: string; update: string } {
  return { base: Buffer.from(base).toString('base64'), update: Buffer.from(update).toString('base64') };
}
