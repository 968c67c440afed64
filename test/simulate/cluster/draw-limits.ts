// The limits of replication in one run: as they are shipped, or so small that a few documents reach them.
import * as limits from '@syncline/server/replication/limits.ts';
import type { SeededRandom } from '../../support/random.ts';

/** As they are when this process begins. */
const shipped = { ...limits };

/** Draws the limits of a run. Only in a process that has imported `known/variable-limits.ts` first. */
export function drawLimits(random: SeededRandom): void {
  setLimits(shipped);
  if (random.oneIn(3)) return;
  setLimits({
    pageListings: 1 + random.below(3),
    maxUnackedEntries: 1 + random.below(6),
    maxUnackedBytes: 4_096 << random.below(5),
    maxRecentCommits: 2 + random.below(8),
    maxRecentBytes: 1_024 << random.below(5),
    maxFetches: 1 + random.below(3),
    maxAnswers: 1 + random.below(2),
    maxKeptBytes: 16_384 << random.below(4),
    maxLeavesAsked: 1 + random.below(2),
    maxLeavesAudited: 1 + random.below(6),
    drainedPoints: 1 + random.below(6),
  });
}

function setLimits(values: Readonly<Record<string, unknown>>): void {
  const { setters } = limits as unknown as { setters?: Record<string, (value: unknown) => void> };
  if (!setters) throw new Error('the limits are constants here: import known/variable-limits.ts first');
  for (const [name, value] of Object.entries(values)) setters[name]?.(value);
}
