import { expect, it, vi } from 'vitest';
import { clusterMistakes } from './known/mistakes.ts';
import { findMistake, runSeeds, runSeedsInTwo, testedSeeds } from './seeds/seeds.ts';
import { clusterPaths } from './world/rare-paths.ts';

/** Beyond those that all changes go through: each has shown a defect, in the product or in an oracle, when it was first run. */
const pinned = [360, 496, 764, 1017, 1297, 1374, 1649, 2156, 2697, 3197];

// Each waits for those before it: two processes run at once.
vi.setConfig({ testTimeout: 600_000 });

it(`[SIM5] [SIM6] [SIM8] a cluster keeps every promise in ${testedSeeds} seeds, and every rare path is taken`, async () => {
  const {
    failure,
    paths,
    seeds: run,
  } = await runSeedsInTwo({ from: 1, count: testedSeeds, isCluster: true });
  expect(failure).toBeUndefined();
  expect(run).toBe(testedSeeds);
  expect(clusterPaths.filter((path) => !paths[path])).toEqual([]);
});

it.concurrent.each(pinned)('[SIM5] a cluster keeps every promise in seed %i', async (seed) => {
  expect((await runSeeds({ from: seed, count: 1, isCluster: true })).failure).toBeUndefined();
});

it('[SIM2] a seed of a cluster happens the same way every time', async () => {
  const once = { from: 7, count: 2, isCluster: true };
  const [first, again] = await Promise.all([runSeeds(once), runSeeds(once)]);
  expect(again).toEqual(first);
});

it.concurrent.each(clusterMistakes)(
  `[SIM3] $name is found out within ${testedSeeds} seeds`,
  async (mistake) => {
    expect((await findMistake(mistake))?.violation).toMatch(/^O\d+: /);
  },
);
