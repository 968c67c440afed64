import { expect, it, vi } from 'vitest';
import { clusterMistakes } from './known/mistakes.ts';
import { runSeeds, runSeedsInTwo } from './seeds/seeds.ts';
import { clusterPaths } from './world/rare-paths.ts';

/** What every change goes through; the command line runs more. */
const seeds = 300;

// Each waits for those before it: two processes run at once.
vi.setConfig({ testTimeout: 600_000 });

it(`[SIM5] [SIM6] a cluster keeps every promise in ${seeds} seeds, and every rare path is taken`, async () => {
  const { failure, paths, seeds: run } = await runSeedsInTwo({ from: 1, count: seeds, isCluster: true });
  expect(failure).toBeUndefined();
  expect(run).toBe(seeds);
  expect(clusterPaths.filter((path) => !paths[path])).toEqual([]);
});

it('[SIM2] a seed of a cluster happens the same way every time', async () => {
  const once = { from: 7, count: 2, isCluster: true };
  const [first, again] = await Promise.all([runSeeds(once), runSeeds(once)]);
  expect(again).toEqual(first);
});

it.concurrent.each(clusterMistakes)(`[SIM3] $name is found out within ${seeds} seeds`, async ({ name }) => {
  const { failure } = await runSeeds({ from: 1, count: seeds, isCluster: true, mistake: name });
  expect(failure?.violation).toMatch(/^O\d+: /);
});
