import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Ranges } from './ranges.ts';

type Range = [start: number, end: number];

// Few enough clocks that ranges meet, touch and swallow each other all the time.
const clocks = 40;
const range = fc
  .tuple(fc.nat(clocks - 2), fc.integer({ min: 1, max: 12 }))
  .map(([start, length]): Range => [start, Math.min(start + length, clocks)]);

/** The same set, one clock at a time. */
class Model {
  readonly clocks = new Set<number>();

  /** Gives the clocks that are new. */
  add([start, end]: Range): number[] {
    const fresh = span(start, end).filter((clock) => !this.clocks.has(clock));
    for (const clock of fresh) this.clocks.add(clock);
    return fresh;
  }

  includes([start, end]: Range): boolean {
    return span(start, end).every((clock) => this.clocks.has(clock));
  }

  /** Gives whether all of it was there, and takes it out only then. */
  remove([start, end]: Range): boolean {
    if (!this.includes([start, end])) return false;
    for (const clock of span(start, end)) this.clocks.delete(clock);
    return true;
  }

  /** Maximal ranges, flat. */
  bounds(): number[] {
    return flat([...this.clocks].toSorted((a, b) => a - b));
  }
}

/** Does something to both and gives what each said of it. */
type Step = (ranges: Ranges, model: Model) => { said: unknown; wanted: unknown };

const step: fc.Arbitrary<Step> = fc.oneof(
  range.map((added): Step => (ranges, model) => {
    return { said: visited(ranges, added), wanted: flat(model.add(added)) };
  }),
  fc.array(range, { maxLength: 8 }).map((added): Step => (ranges, model) => {
    const whole = new Model();
    for (const each of added) whole.add(each);
    const run = whole.bounds();
    const said: number[] = [];
    ranges.addAll(run, (start, end) => said.push(...span(start, end)));
    return { said, wanted: pairs(run).flatMap((each) => model.add(each)) };
  }),
  range.map((removed): Step => (ranges, model) => {
    const wanted = model.remove(removed);
    try {
      ranges.remove(...removed);
      return { said: true, wanted };
    } catch {
      return { said: false, wanted };
    }
  }),
);

it('[DIG2] adds, includes and removes as a set of integers does, and stays sorted, disjoint and maximal', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), fc.array(range, { maxLength: 10 }), (steps, probes) => {
      const ranges = new Ranges();
      const model = new Model();
      for (const take of steps) {
        const { said, wanted } = take(ranges, model);
        expect(said).toEqual(wanted);
        expect(ranges.bounds).toEqual(model.bounds());
        expect(ranges.count).toBe(model.bounds().length / 2);
        expect(ranges.contiguousEnd).toBe(model.bounds()[0] === 0 ? model.bounds()[1] : 0);
      }
      for (const probe of probes) expect(ranges.includes(...probe)).toBe(model.includes(probe));
    }),
    { numRuns: 2_000 },
  );
});

it('[DIG2] visits a range that is held not at all, and of any other exactly what is new', () => {
  const ranges = new Ranges([2, 4, 6, 8]);
  expect(visited(ranges, [2, 4])).toEqual([]);
  expect(visited(ranges, [1, 9])).toEqual([1, 2, 4, 6, 8, 9]);
  expect(ranges.bounds).toEqual([1, 9]);
});

function visited(ranges: Ranges, [start, end]: Range): number[] {
  const seen: number[] = [];
  ranges.add(start, end, (from, to) => seen.push(from, to));
  return seen;
}

function span(start: number, end: number): number[] {
  return Array.from({ length: end - start }, (_, index) => start + index);
}

/** Ascending clocks as maximal ranges. */
function flat(ascending: readonly number[]): number[] {
  const bounds: number[] = [];
  for (const clock of ascending) {
    if (bounds.at(-1) === clock) bounds[bounds.length - 1] = clock + 1;
    else bounds.push(clock, clock + 1);
  }
  return bounds;
}

function pairs(bounds: readonly number[]): Range[] {
  return Array.from({ length: bounds.length / 2 }, (_, at): Range => [bounds[at * 2]!, bounds[at * 2 + 1]!]);
}
