// The few statistics that a handful of runs can bear.

/** The value below which `share` of the values lie; `share` 0.5 is the median. */
export function quantile(values: readonly number[], share: number): number {
  if (values.length === 0) throw new Error('no values to take a quantile of');
  const sorted = Float64Array.from(values).toSorted();
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;
}

/** The median of one measure over the runs of a peer. */
export function medianOf<Run>(runs: readonly Run[], measure: (run: Run) => number): number {
  return quantile(runs.map(measure), 0.5);
}
