// What a run came to.
import { Violation } from './oracle/violation.ts';
import type { RarePath, RarePaths } from './world/rare-paths.ts';
import type { Schedule } from './world/schedule.ts';
import type { Trace } from './world/trace.ts';

export interface Outcome {
  readonly seed: number;
  /** What was not kept; undefined if everything was. */
  readonly violation: string | undefined;
  /** The hash of everything that happened. */
  readonly digest: string;
  readonly tail: readonly string[];
  readonly virtualMs: number;
  readonly events: number;
  readonly paths: ReadonlyMap<RarePath, number>;
}

interface Ran {
  readonly schedule: Schedule;
  readonly trace: Trace;
  readonly paths: RarePaths;
  readonly failure: unknown;
}

export function outcomeOf(seed: number, { schedule, trace, paths, failure }: Ran): Outcome {
  return {
    seed,
    violation: failure === undefined ? undefined : inWords(failure),
    digest: trace.digest(),
    tail: [...trace.tail],
    virtualMs: schedule.now(),
    events: schedule.events,
    paths: paths.counts,
  };
}

function inWords(failure: unknown): string {
  if (failure instanceof Violation) return failure.message;
  return failure instanceof Error ? (failure.stack ?? failure.message) : String(failure);
}
