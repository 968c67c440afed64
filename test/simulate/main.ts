// The command line of the simulator: runs seeds, or the seed that failed once more, with one of the known mistakes or without.
import { parseArgs } from 'node:util';
import { clusterMistakes, mistakes } from './known/mistakes.ts';
import { tellSeed, writeReport } from './seeds/report.ts';
import { firstToShow, runSeeds, runSeedsInTwo, type SeedFailure, testedSeeds } from './seeds/seeds.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: String(testedSeeds) },
    'cluster-seeds': { type: 'string', default: String(testedSeeds) },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
    trace: { type: 'boolean', default: false },
    cluster: { type: 'boolean', default: false },
    mistake: { type: 'string' },
    mistakes: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
});
const { mistake, seed, cluster: isCluster, trace: isTraced, write } = values;

if (write) await writeReport({ ofServer: number('seeds'), ofCluster: number('cluster-seeds') });
else if (values.mistakes) {
  for (const each of [...mistakes, ...clusterMistakes]) tellSeed(each, (await firstToShow(each))?.seed);
} else {
  const seeds = seed === undefined ? { from: number('from'), count: number('seeds') } : oneSeed();
  const run = seeds.count > 1 && mistake === undefined ? runSeedsInTwo : runSeeds;
  const outcome = await run({ ...seeds, isCluster, mistake, isTraced });
  const minutes = Math.round(outcome.virtualMs / 60_000);
  console.log(`${outcome.seeds} seeds, ${minutes} virtual minutes, ${outcome.events} events`);
  for (const [path, times] of Object.entries(outcome.paths)) console.log(`  ${path}: ${times}`);
  if (outcome.failure) tell(outcome.failure);
}

function tell({ seed: failed, violation, tail, atMs }: SeedFailure): void {
  for (const line of tail) console.log(line);
  console.log(`Seed ${failed} failed after ${Math.round(atMs)} ms: ${violation}`);
  console.log(
    `Again: npm run simulate --${isCluster ? ' --cluster' : ''} --seed ${failed} --trace${mistake ? ` --mistake ${mistake}` : ''}`,
  );
  process.exitCode = 1;
}

function oneSeed(): { from: number; count: number } {
  return { from: number('seed'), count: 1 };
}

function number(name: 'seeds' | 'cluster-seeds' | 'from' | 'seed'): number {
  const value = Number(values[name]);
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`--${name} is a whole number`);
  return value;
}
