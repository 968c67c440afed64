import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fingerprint, hashDeletions } from './fingerprint.ts';

const client = fc.oneof(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 2 ** 32 - 1 }));
const clocks = fc.uniqueArray(fc.tuple(client, fc.oneof(fc.integer({ min: 1, max: 5 }), fc.maxSafeNat())), {
  selector: ([id]) => id,
  maxLength: 6,
});
/** Steps of at least 1 between the bounds of ranges: disjoint, and none touches the next. */
const ranges = fc
  .array(fc.integer({ min: 1, max: 300 }), { maxLength: 8 })
  .map((steps) => steps.slice(0, steps.length & ~1))
  .map((steps) => steps.map((_, at) => steps.slice(0, at + 1).reduce((sum, step) => sum + step, 0)));
const deletions = fc.uniqueArray(fc.tuple(client, ranges), { selector: ([id]) => id, maxLength: 6 });

type Deletions = readonly (readonly [number, readonly number[]])[];
type Clocks = readonly (readonly [number, number])[];

function of(held: Clocks, deleted: Deletions): string {
  return Buffer.from(fingerprint(held, hashDeletions(deleted))).toString('hex');
}

/** What two holders hold, so that equality is decided without a hash. */
function canonical(held: Clocks, deleted: Deletions): string {
  const there = [held.filter(([, end]) => end > 0), deleted.filter(([, list]) => list.length > 0)];
  return JSON.stringify(there.map((each) => [...each].toSorted(([a], [b]) => a - b)));
}

it('[NAT7] is the same in whatever order the clients come, and without those that hold nothing', () => {
  fc.assert(
    fc.property(clocks, deletions, (held, deleted) => {
      const empty = 2 ** 33;
      const reordered = of([[empty, 0], ...held.toReversed()], [...deleted.toReversed(), [empty, []]]);
      expect(reordered).toBe(of(held, deleted));
    }),
  );
});

it('[NAT7] is another for other clocks and for other deletions', () => {
  fc.assert(
    fc.property(clocks, clocks, deletions, deletions, (held, otherHeld, deleted, otherDeleted) => {
      const isSame = canonical(held, deleted) === canonical(otherHeld, otherDeleted);
      expect(of(held, deleted) === of(otherHeld, otherDeleted)).toBe(isSame);
    }),
    { numRuns: 2_000 },
  );
});

it('[NAT7] is another when one number changes by one, wherever it stands', () => {
  fc.assert(
    fc.property(client, fc.integer({ min: 1, max: 2 ** 48 }), (id, end) => {
      const deleted: Deletions = [[id, [0, end]]];
      const changed = [
        of([[id, end]], deleted),
        of([[id, end + 1]], deleted),
        of([[id + 1, end]], deleted),
        of([[id, end]], [[id, [0, end + 1]]]),
        of([[id, end]], [[id + 1, [0, end]]]),
        of([[id, end]], [[id, [1, end + 1]]]),
        of([[id, end]], []),
        of([], deleted),
      ];
      expect(new Set(changed).size).toBe(changed.length);
    }),
  );
});

it('[NAT7] keeps the clocks of clients apart that add up to the same', () => {
  const seen = new Set<string>();
  for (let first = 1; first < 60; first++) {
    for (let second = 1; second < 60; second++)
      seen.add(
        of(
          [
            [1, first],
            [2, second],
          ],
          [],
        ),
      );
  }
  expect(seen.size).toBe(59 * 59);
});

it('[NAT7] of nothing is zeros', () => {
  expect(of([], [])).toBe('00'.repeat(16));
});
