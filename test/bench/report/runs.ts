// What was measured of everybody who took part, and how one of them compares with another.
import { medianOf } from '../measure/statistics.ts';
import type { SubjectName } from '../measure/subject.ts';

export type Runs<Run> = ReadonlyMap<SubjectName, readonly Run[]>;

export function range<Run>(runs: readonly Run[], measure: (run: Run) => number, digits = 1): string {
  const values = runs.map(measure);
  return `${Math.min(...values).toFixed(digits)}–${Math.max(...values).toFixed(digits)}`;
}

/** A median as a multiple of that of `base`, which may not have taken part. */
export function ratio<Run>(
  runs: Runs<Run>,
  { name, base, cost }: { name: SubjectName; base: SubjectName; cost: (run: Run) => number },
): string {
  const floor = runs.get(base);
  return floor ? (medianOf(runs.get(name)!, cost) / medianOf(floor, cost)).toFixed(2) : '–';
}
