// What a checked update holds, as flat arrays of numbers, so that a worker can hand it over in one copy.
import type { Summary } from '../../port/engine.ts';

/** Ranges are flat triples [client, start, end, …]. */
export interface YjsSummary {
  /** Clocks whose structs the update carries; Skips are left out. */
  readonly held: number[];
  /** Clocks that the update declares deleted. */
  readonly deleted: number[];
  /** Pairs [client, clock, …] of other clients' structs that its items refer to, the highest clock of each client. */
  readonly refersTo: number[];
}

export function asSummary(summary: YjsSummary): Summary {
  return summary as unknown as Summary;
}

export function fromSummary(summary: Summary): YjsSummary {
  return summary as unknown as YjsSummary;
}
