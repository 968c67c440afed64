// Two projects: `unit` lies beside the code and needs nothing; `whole` starts real servers, clients and browsers.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['{server,client,shared}/{src,demo,parts,cluster-demo}/**/*.test.ts'],
        },
      },
      {
        test: {
          name: 'whole',
          include: ['test/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 60_000,
          // Most of the time something is waited for: of two files at once neither takes the cores of the other for long.
          maxWorkers: 2,
        },
      },
    ],
  },
});
