// Real changes, changed a little and signed anew: what passes the check and the graph is a change to Automerge as well, and stays the
// same one. What only the whole document can tell is found when it is built.
import * as Automerge from '@automerge/automerge';
import { checkUpdate } from '@syncline/server/engine/automerge/check.ts';
import { ChangeGraph } from '@syncline/server/engine/automerge/graph.ts';
import { ChangeHash } from '@syncline/server/engine/automerge/graph-digest.ts';
import { jsonOf } from '@syncline/server/engine/automerge/json.ts';
import { asSummary } from '@syncline/server/engine/automerge/summary.ts';
import { runTask } from '@syncline/server/engine/automerge/tasks.ts';
import type { Compaction } from '@syncline/server/port/engine.ts';
import { SyncError } from '@syncline/shared';
import { expect, it } from 'vitest';
import { SeededRandom } from '../support/random.ts';
import { readBy } from './automerge-content.ts';
import { editTogether } from './automerge-editing.ts';
import { mutateChange } from './automerge-mutate.ts';
import { mutate } from './mutate.ts';

const digestKey = new Uint8Array(16);
const hash = new ChangeHash(digestKey);
const documents = 30;
const mutationsEach = 60;

/** A document, and a change after it that was changed. */
interface Case {
  readonly base: readonly Uint8Array[];
  readonly original: Uint8Array;
  readonly mutated: Uint8Array;
}

function* cases(mutateOne: typeof mutateChange): Generator<Case> {
  for (let seed = 1; seed <= documents; seed++) {
    const random = new SeededRandom(seed);
    const changes = editTogether(random, { people: 1 + random.below(3), steps: 2 + random.below(25) });
    const original = changes.at(-1);
    if (!original) continue;
    for (let left = mutationsEach; left > 0; left--) {
      const mutated = mutateOne(random, original, random.pick(changes));
      if (Buffer.compare(mutated, original) !== 0) yield { base: changes.slice(0, -1), original, mutated };
    }
  }
}

/** Whether it would be taken, and could be applied at once. Throws what is no refusal. */
function isTaken({ base, mutated }: Case): boolean {
  try {
    const summary = asSummary(checkUpdate(mutated));
    const graph = new ChangeGraph(hash);
    for (const change of base) graph.add(asSummary(checkUpdate(change)));
    return graph.add(summary) !== undefined && !graph.hasGap(summary);
  } catch (error) {
    if (error instanceof SyncError) return false;
    throw error;
  }
}

/** Applies the change, saves, loads, and asks for it again, as stock clients do. Throws, or tells what is not as it was. */
function faultOf({ base, mutated }: Case): string | undefined {
  const [document] = Automerge.applyChanges(Automerge.init<Record<string, unknown>>(), [...base, mutated]);
  try {
    if (!Automerge.getAllChanges(document).some((change) => Buffer.compare(change, mutated) === 0))
      return 'it is not given back as it was';
    const loaded = Automerge.load<Record<string, unknown>>(Automerge.save(document));
    const isSame = jsonOf(Automerge.toJS(loaded)) === jsonOf(Automerge.toJS(document));
    Automerge.free(loaded);
    return isSame ? undefined : 'it is not loaded as it was saved';
  } finally {
    Automerge.free(document);
  }
}

function failureOf(given: Case): string | undefined {
  try {
    return faultOf(given);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** What the operations of a change refer to, and by what they are referred to: all of it but values, names of marks, and words. */
function shapeOf(change: Uint8Array): string {
  const { actor, seq, startOp, deps, ops } = Automerge.decodeChange(change);
  const shape = ops.map(({ action, obj, pred, ...op }) => [
    action,
    obj,
    pred,
    { ...op, value: 0, datatype: 0, name: 0 },
  ]);
  return JSON.stringify([actor, seq, startOp, deps, shape]);
}

it('[AUT2] nothing passes that was changed on its way', () => {
  let count = 0;
  for (const { mutated } of cases(mutate)) {
    count++;
    expect(() => checkUpdate(mutated)).toThrow(SyncError);
  }
  expect(count).toBeGreaterThan(1_000);
});

it('[AUT9] what passes does not make Automerge throw, and stays what it is; what refers to the wrong thing is set aside', () => {
  const counts = { taken: 0, sameShape: 0, failed: 0 };
  for (const given of cases(mutateChange)) {
    if (!isTaken(given)) continue;
    counts.taken++;
    const failure = failureOf(given);
    const isSameShape = shapeOf(given.mutated) === shapeOf(given.original);
    if (isSameShape) counts.sameShape++;
    if (failure === undefined) continue;
    counts.failed++;
    expect(`${isSameShape}: ${failure}`).toMatch(/^false/);
    const stored = { version: undefined, chunks: [], tail: [...given.base, given.mutated] };
    const { rejected, chunks } = runTask({ kind: 'compact', stored, digestKey }) as Compaction;
    expect(rejected).toEqual([given.base.length]);
    expect(readBy(chunks)).toEqual(readBy(given.base));
  }
  expect(counts.taken).toBeGreaterThan(100);
  expect(counts.sameShape).toBeGreaterThan(50);
  // Were it many, the check would look at too little.
  expect(counts.failed).toBeLessThan(counts.taken / 10);
});
