import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Addition } from '../../port/engine.ts';
import { BoundaryHash } from './digest.ts';
import { HeldSet, readEnds } from './held-set.ts';
import { asSummary, type YjsSummary } from './summary.ts';

const hash = new BoundaryHash(Uint8Array.from({ length: 16 }, (_, index) => index * 7));

interface Piece {
  readonly kind: 'held' | 'deleted';
  readonly client: number;
  readonly start: number;
  readonly length: number;
}

// Ids of yjs clients have 32 bits, those of others up to 53; the last and the first differ in their high half alone.
const client = fc.constantFrom(1, 1, 1, 2, 0xffff_ffff, 2 ** 40 + 1);
const piece: fc.Arbitrary<Piece> = fc.record({
  kind: fc.constantFrom('held', 'deleted'),
  client,
  start: fc.nat(60),
  length: fc.integer({ min: 1, max: 4 }),
});
const pieces = fc.array(piece, { maxLength: 60, size: 'max' });

it('[CNV2] [DIG1] pieces in any order, split and repeated give the same held set and digest', () => {
  fc.assert(
    fc.property(pieces, fc.infiniteStream(fc.nat()), (added, choices) => {
      const choice = (): number => choices.next().value!;
      const rearranged = added
        .flatMap((each) => [...split(each, choice()), ...(choice() % 3 === 0 ? [each] : [])])
        .map((each) => ({ each, at: choice() }))
        .toSorted((a, b) => a.at - b.at)
        .map(({ each }) => each);
      const once = setOf(added);
      const again = setOf(rearranged);
      const batched = setOf(added.slice(0, choice() % (added.length + 1)));
      batched.add(summary(rearranged));
      expect(again.digest()).toEqual(once.digest());
      expect(again.encode()).toEqual(once.encode());
      expect(batched.digest()).toEqual(once.digest());
      expect(batched.encode()).toEqual(once.encode());
      expect(again.rangeCount).toBe(once.rangeCount);
    }),
  );
});

it('[DIG2] digests are equal exactly when the same clocks are held and the same are declared deleted', () => {
  fc.assert(
    fc.property(pieces, pieces, fc.boolean(), (one, other, isVariant) => {
      // Unrelated sets are seldom nearly equal; one piece more is.
      const second = isVariant ? [...one, ...other.slice(0, 1)] : other;
      const isSame = elements(one) === elements(second);
      expect(Buffer.compare(setOf(one).digest(), setOf(second).digest()) === 0).toBe(isSame);
      expect(Buffer.compare(setOf(one).encode(), setOf(second).encode()) === 0).toBe(isSame);
    }),
    { numRuns: 1_000 },
  );
});

it('[DIG2] a held clock and the same clock declared deleted do not stand for each other', () => {
  const range = { client: 1, start: 0, length: 1 };
  expect(setOf([{ ...range, kind: 'held' }]).digest()).not.toEqual(
    setOf([{ ...range, kind: 'deleted' }]).digest(),
  );
});

it('[DIG3] what was encoded is read back with the same digest, ends and request', () => {
  fc.assert(
    fc.property(pieces, (added) => {
      const set = setOf(added);
      const read = HeldSet.decode(set.encode(), hash);
      expect(read.digest()).toEqual(set.digest());
      expect(read.encode()).toEqual(set.encode());
      expect(read.request()).toEqual(set.request());
      const ends = new Map<number, number>();
      readEnds(set.encode(), (id, end) => ends.set(id, end));
      expect(ends).toEqual(new Map([...set.held].map(([id, { bounds }]) => [id, bounds.at(-1)])));
      expect(() => HeldSet.decode(Buffer.concat([set.encode(), Uint8Array.of(0)]), hash)).toThrow('to spare');
    }),
  );
});

it('[DIG5] additions that are withdrawn, in any order, leave digest and bytes as they were before', () => {
  fc.assert(
    fc.property(pieces, fc.array(pieces, { maxLength: 6 }), fc.array(fc.nat()), (before, later, order) => {
      const set = setOf(before);
      const { digest, bytes } = { digest: set.digest(), bytes: set.encode() };
      const additions: Addition[] = [];
      for (const batch of later) {
        const addition = set.add(summary(batch));
        if (addition) additions.push(addition);
      }
      expect(Buffer.compare(set.digest(), digest) === 0).toBe(additions.length === 0);
      const shuffled = additions.map((addition, at) => ({ addition, key: order[at] ?? at }));
      for (const { addition } of shuffled.toSorted((a, b) => a.key - b.key)) set.withdraw(addition);
      expect(set.digest()).toEqual(digest);
      expect(set.encode()).toEqual(bytes);
    }),
  );
});

it('[CNV2] tells what has no predecessor here: a clock, a deletion, a reference', () => {
  const set = setOf([{ kind: 'held', client: 1, start: 0, length: 5 }]);
  const gaps: [what: Partial<YjsSummary>, hasGap: boolean][] = [
    [{ held: [1, 2, 5] }, false],
    [{ held: [1, 6, 7] }, true],
    [{ deleted: [1, 0, 5] }, false],
    [{ deleted: [1, 4, 6] }, true],
    [{ refersTo: [1, 4] }, false],
    [{ refersTo: [1, 5] }, true],
    [{ refersTo: [2, 0] }, true],
  ];
  for (const [what, hasGap] of gaps) {
    expect(set.hasGap(asSummary({ held: [], deleted: [], refersTo: [], ...what }))).toBe(hasGap);
  }
});

function setOf(added: readonly Piece[]): HeldSet {
  const set = new HeldSet(hash);
  for (const each of added) set.add(summary([each]));
  return set;
}

/** As the check gives it: each client's ranges together, ascending and disjoint. */
function summary(added: readonly Piece[]): ReturnType<typeof asSummary> {
  const triples = (kind: Piece['kind']): number[] => {
    const result: number[] = [];
    const ascending = added
      .filter((each) => each.kind === kind)
      .toSorted((a, b) => a.client - b.client || a.start - b.start);
    for (const { client: id, start, length } of ascending) {
      const last = result.length - 1;
      if (result[last - 2] === id && result[last]! >= start) {
        result[last] = Math.max(result[last]!, start + length);
      } else result.push(id, start, start + length);
    }
    return result;
  };
  return asSummary({ held: triples('held'), deleted: triples('deleted'), refersTo: [] });
}

function split({ start, length, ...rest }: Piece, choice: number): Piece[] {
  const first = choice % length;
  const second = { ...rest, start: start + first, length: length - first };
  return first === 0 ? [second] : [second, { ...rest, start, length: first }];
}

/** What the pieces hold, clock by clock. */
function elements(added: readonly Piece[]): string {
  const clocks = ({ kind, client: id, start, length }: Piece): string[] =>
    Array.from({ length }, (_, index) => `${kind} ${id} ${start + index}`);
  return [...new Set(added.flatMap(clocks))].toSorted().join();
}
