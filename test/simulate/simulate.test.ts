import { expect, it, vi } from 'vitest';
import { mistakes } from './known/mistakes.ts';
import { findMistake, runSeeds, runSeedsInTwo, testedSeeds } from './seeds/seeds.ts';
import { rarePaths } from './world/rare-paths.ts';

// Each waits for those before it: two processes run at once.
vi.setConfig({ testTimeout: 300_000 });

it(`[SIM1] [SIM7] every promise is kept in ${testedSeeds} seeds, and every rare path is taken`, async () => {
  const { failure, paths, seeds: run } = await runSeedsInTwo({ from: 1, count: testedSeeds });
  expect(failure).toBeUndefined();
  expect(run).toBe(testedSeeds);
  expect(rarePaths.filter((path) => !paths[path])).toEqual([]);
});

it('[SIM2] a seed happens the same way every time, and another one otherwise', async () => {
  const [first, again] = await Promise.all([
    runSeeds({ from: 7, count: 3 }),
    runSeeds({ from: 7, count: 3 }),
  ]);
  expect(again).toEqual(first);
  expect((await runSeeds({ from: 8, count: 3 })).digest).not.toBe(first.digest);
});

it.concurrent.each(mistakes)(`[SIM3] $name is found out within ${testedSeeds} seeds`, async (mistake) => {
  expect((await findMistake(mistake))?.violation).toMatch(/^O\d+: /);
});
