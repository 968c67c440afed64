// What was measured of everybody who took part, and how one of them compares with another.
import { medianOf } from '../measure/statistics.ts';
import type { SubjectName } from '../measure/subject.ts';

export type Runs<Run, Name extends string = SubjectName> = ReadonlyMap<Name, readonly Run[]>;

export function range<Run>(runs: readonly Run[], measure: (run: Run) => number, digits = 1): string {
  const values = runs.map(measure);
  return `${fixed(Math.min(...values), digits)}–${fixed(Math.max(...values), digits)}`;
}

/** Nothing is not a little less than nothing. */
export function fixed(value: number, digits: number): string {
  const unit = 10 ** digits;
  return (Math.round(value * unit) / unit).toFixed(digits);
}

/** A median as a multiple of that of `base`, which may not have taken part. */
export function ratio<Run, Name extends string>(
  runs: Runs<Run, Name>,
  { name, base, cost }: { name: Name; base: Name; cost: (run: Run) => number },
): string {
  const floor = runs.get(base);
  return floor ? (medianOf(runs.get(name)!, cost) / medianOf(floor, cost)).toFixed(2) : '–';
}

export function runCount(runs: Runs<unknown, string>): string {
  const count = [...runs.values()][0]?.length ?? 0;
  return count === 1 ? 'one run' : `${count} runs`;
}
