import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Batch,
  inBatches,
  joined,
  type Merge,
  newBatch,
  type Pending,
  renumbered,
  without,
} from './pending.ts';

/** As large as the updates together, and tells which they were. */
const merge: Merge = (updates) => [Uint8Array.from(updates.flatMap((update) => [...update]))];
const maxBatchBytes = 16 * 1024;

const update = fc.oneof(
  { weight: 30, arbitrary: fc.uint8Array({ minLength: 1, maxLength: 20 }) },
  {
    weight: 1,
    arbitrary: fc.integer({ min: 1, max: 20_000 }).map((length) => new Uint8Array(length).fill(7)),
  },
);
/** What was typed in each of some turns. */
const turns = fc.array(fc.array(update, { minLength: 1, maxLength: 80 }), { maxLength: 8 });

function typedOffline(history: readonly (readonly Uint8Array[])[]): Pending {
  return history.reduce<Pending>(
    (pending, updates, index) =>
      inBatches(updates, merge).reduce<Pending>(
        (list, group) =>
          joined(list, newBatch(group, { number: 0, firstEdit: index + 1, edits: 1, sinceMs: index }), merge),
        pending,
      ),
    [],
  );
}

function bytesOf(batches: readonly Pick<Batch, 'updates'>[]): number[] {
  return batches.flatMap(({ updates }) => [...merge(updates)[0]!]);
}

/** A batch is small, or it is one update that cannot be cut. */
function isOfFairSize({ bytes, updates }: Batch): boolean {
  return bytes <= maxBatchBytes || updates.length === 1;
}

describe('what is pending', () => {
  it('[SDK3] is everything that was typed, in order, in batches that are not too large', () => {
    fc.assert(
      fc.property(turns, (history) => {
        const pending = typedOffline(history);
        expect(bytesOf(pending)).toEqual(bytesOf(history.map((updates) => ({ updates }))));
        expect(pending.every(isOfFairSize)).toBe(true);
        for (const batch of pending) expect(batch.bytes).toBe(bytesOf([batch]).length);
        const firsts = pending.map(({ firstEdit }) => firstEdit);
        expect(firsts).toEqual(firsts.toSorted((a, b) => a - b));
      }),
      { numRuns: 40 },
    );
  });

  it('[SDK2] is merged while it waits: few updates, whatever was typed', () => {
    const pending = typedOffline(Array.from({ length: 1_000 }, () => [Uint8Array.of(1, 2)]));
    expect(pending).toHaveLength(1);
    expect(pending[0]!.updates.length).toBeLessThanOrEqual(64);
    expect(pending[0]).toMatchObject({ firstEdit: 1, edits: 1_000, bytes: 2_000, sinceMs: 0 });
  });

  it('[SDK3] is numbered from 1 on for a new connection, and not changed by that', () => {
    fc.assert(
      fc.property(turns, (history) => {
        const pending = typedOffline(history);
        const again = renumbered(pending, merge);
        expect(again.map(({ number }) => number)).toEqual(again.map((_, index) => index + 1));
        expect(bytesOf(again)).toEqual(bytesOf(pending));
        expect(again.every(isOfFairSize)).toBe(true);
        expect(sum(again, 'edits')).toBe(sum(pending, 'edits'));
      }),
      { numRuns: 40 },
    );
  });

  it('[SDK1] joined with what may hold anything may itself hold anything', () => {
    const about = { number: 1, edits: 1, sinceMs: 0 };
    const anything = newBatch([Uint8Array.of(1)], { ...about, firstEdit: 0 });
    const edit = newBatch([Uint8Array.of(2)], { ...about, firstEdit: 5 });
    expect(joined([edit], anything, merge)).toMatchObject([{ firstEdit: 0 }]);
    expect(joined([anything], edit, merge)).toMatchObject([{ firstEdit: 0 }]);
  });

  it('[SDK1] loses the batches that are acknowledged, and no others', () => {
    const pending = renumbered(
      typedOffline([[new Uint8Array(9_000)], [new Uint8Array(9_000)], [new Uint8Array(9_000)]]),
      merge,
    );
    expect(pending.map(({ number }) => number)).toEqual([1, 2, 3]);
    expect(without(pending, { from: 2, through: 2 }).map(({ number }) => number)).toEqual([1, 3]);
    expect(without(pending, { from: 1, through: 2 }).map(({ number }) => number)).toEqual([3]);
    expect(without(pending, { from: 4, through: 9 })).toEqual(pending);
  });
});

function sum(pending: Pending, key: 'edits' | 'bytes'): number {
  return pending.reduce((total, batch) => total + batch[key], 0);
}
