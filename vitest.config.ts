// Two projects: `unit` lies beside the code and needs nothing; `whole` starts real servers, clients and browsers.
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/support/longest-first.ts';

// Hundreds of processes are started, each of the same source: what Node has made of it is kept, which halves the time of a start.
process.env['NODE_COMPILE_CACHE'] ??= join(import.meta.dirname, 'node_modules/.cache/compiled');

// As many files at once as a small machine has cores: more take the cores from each other. Projects that run together share the number.
const maxWorkers = 2;

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: 'unit',
          include: ['{server,client,shared}/{src,demo,parts,cluster-demo}/**/*.test.ts'],
          // No file changes what another one sees, and a process for each would cost more than most tests.
          isolate: false,
          maxWorkers,
        },
      },
      {
        test: {
          name: 'whole',
          include: ['test/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 60_000,
          isolate: false,
          maxWorkers,
        },
      },
    ],
  },
});
