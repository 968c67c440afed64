// Runs seeds in processes of plain Node, so that two can run side by side, and so that a process can have a mistake.
import { execFile } from 'node:child_process';
import { constants, setPriority } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Mistake } from '../known/mistakes.ts';

/** So many every change goes through, and within so many each known mistake is found; the command line runs more. */
export const testedSeeds = 300;

/** What some seeds came to. */
export interface SeedsOutcome {
  readonly seeds: number;
  readonly virtualMs: number;
  readonly events: number;
  /** How often each rare path was taken. */
  readonly paths: Readonly<Record<string, number>>;
  /** The hash of everything that happened. */
  readonly digest: string;
  readonly failure: SeedFailure | undefined;
}

export interface SeedFailure {
  readonly seed: number;
  readonly violation: string;
  /** In virtual time. */
  readonly atMs: number;
  /** The last of what happened. */
  readonly tail: readonly string[];
}

export interface Seeds {
  readonly from: number;
  readonly count: number;
  /** Whether each is a run of a cluster and not of one server. */
  readonly isCluster?: boolean | undefined;
  /** The name of a known mistake to be made. */
  readonly mistake?: string | undefined;
  /** Prints everything that happens to the standard error. */
  readonly isTraced?: boolean;
}

const folder = import.meta.dirname;

/** So many processes at once: a small machine has as many cores. */
let freePlaces = 2;
const waiting: (() => void)[] = [];

/** Stops at the first seed that fails. */
export async function runSeeds(seeds: Seeds): Promise<SeedsOutcome> {
  if (freePlaces === 0) await new Promise<void>((resolve) => waiting.push(resolve));
  else freePlaces--;
  try {
    return await runProcess(seeds);
  } finally {
    const next = waiting.shift();
    if (next) next();
    else freePlaces++;
  }
}

async function runProcess({ from, count, isCluster, mistake, isTraced }: Seeds): Promise<SeedsOutcome> {
  const isMistaken = mistake !== undefined;
  const running = promisify(execFile)(
    process.execPath,
    [
      ...(isMistaken ? ['--import', join(folder, '../known/make.ts')] : []),
      ...(isCluster ? ['--import', join(folder, '../known/variable-limits.ts')] : []),
      join(folder, 'seeds-process.ts'),
      String(from),
      String(count),
      ...(isCluster ? ['--cluster'] : []),
      ...(isTraced ? ['--trace'] : []),
      ...(isMistaken ? ['--mistake', mistake] : []),
    ],
    { maxBuffer: Infinity },
  );
  // Its time is virtual, and that of the tests beside it is not.
  setPriority(running.child.pid!, constants.priority.PRIORITY_BELOW_NORMAL);
  if (isTraced) running.child.stderr?.pipe(process.stderr);
  const { stdout } = await running;
  return JSON.parse(stdout) as SeedsOutcome;
}

/** What a mistake breaks, if not in the seed that is known to show it then in the first that does. */
export async function findMistake(mistake: Mistake): Promise<SeedFailure | undefined> {
  return (await tried(mistake, mistake.seed, 1)) ?? firstToShow(mistake);
}

/** What a mistake breaks in the first seed that shows it. */
export async function firstToShow(mistake: Mistake): Promise<SeedFailure | undefined> {
  return tried(mistake, 1, testedSeeds);
}

async function tried(
  { name, isCluster }: Mistake,
  from: number,
  count: number,
): Promise<SeedFailure | undefined> {
  return (await runSeeds({ from, count, isCluster, mistake: name })).failure;
}

/** The same, half of them each in two processes. */
export async function runSeedsInTwo({ from, count, ...rest }: Seeds): Promise<SeedsOutcome> {
  const half = Math.ceil(count / 2);
  const [first, second] = await Promise.all([
    runSeeds({ ...rest, from, count: half }),
    runSeeds({ ...rest, from: from + half, count: count - half }),
  ]);
  const names = new Set([...Object.keys(first.paths), ...Object.keys(second.paths)]);
  return {
    seeds: first.seeds + second.seeds,
    virtualMs: first.virtualMs + second.virtualMs,
    events: first.events + second.events,
    paths: Object.fromEntries(
      Array.from(names, (name) => [name, (first.paths[name] ?? 0) + (second.paths[name] ?? 0)]),
    ),
    digest: `${first.digest} ${second.digest}`,
    failure: first.failure ?? second.failure,
  };
}
