// A process of its own for some seeds, up to the first that fails: arguments are the first seed and their number, and what
// it prints is a SeedsOutcome.
import { createHash } from 'node:crypto';
import { simulateCluster } from '../cluster/simulate-cluster.ts';
import { simulate } from '../simulate.ts';
import type { SeedsOutcome } from './seeds.ts';

const [from, count] = process.argv.slice(2, 4).map(Number) as [number, number];
const isTraced = process.argv.includes('--trace');
const run = process.argv.includes('--cluster') ? simulateCluster : simulate;
const digest = createHash('sha256');
const paths: Record<string, number> = {};
let [seeds, virtualMs, events] = [0, 0, 0];
let failure: SeedsOutcome['failure'];

for (let seed = from; seed < from + count && !failure; seed++) {
  const outcome = await run(seed, isTraced ? (line) => console.error(line) : undefined);
  seeds++;
  virtualMs += outcome.virtualMs;
  events += outcome.events;
  digest.update(outcome.digest);
  for (const [path, times] of outcome.paths) paths[path] = (paths[path] ?? 0) + times;
  const { violation, tail } = outcome;
  if (violation !== undefined) failure = { seed, violation, tail, atMs: outcome.virtualMs };
}
const result: SeedsOutcome = { seeds, virtualMs, events, paths, digest: digest.digest('hex'), failure };
console.log(JSON.stringify(result));
