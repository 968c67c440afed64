// How the build makes the service worker: a file of a fixed name, which lists all others and changes whenever one of them does.
import { createHash } from 'node:crypto';
import type { Plugin } from 'vite';
import type { Shell } from './shell.ts';

const workerFile = 'sw.js';

/** Of a build that has an input named `sw`. */
export function shellWorker(): Plugin {
  return {
    name: 'syncline-shell',
    config: () => ({
      build: {
        rolldownOptions: {
          output: {
            entryFileNames: ({ name }) => (name === 'sw' ? workerFile : 'assets/[name]-[hash].js'),
          },
        },
      },
    }),
    generateBundle: {
      order: 'post',
      handler: (_options, bundle) => {
        const worker = bundle[workerFile];
        if (worker?.type !== 'chunk') throw new Error('the build has no input sw');
        if (worker.imports.length > 0) throw new Error('the worker has to be one file');
        const hash = createHash('sha256').update(worker.code);
        const others = Object.values(bundle).filter((each) => each !== worker);
        for (const each of others.toSorted((a, b) => (a.fileName < b.fileName ? -1 : 1)))
          hash.update(each.fileName).update(each.type === 'chunk' ? each.code : each.source);
        const shell: Shell = {
          version: hash.digest('hex').slice(0, 16),
          files: others.map(({ fileName }) => fileName).filter((name) => name !== 'index.html'),
        };
        worker.code = worker.code.replace(/(["'`])SYNCLINE-SHELL\1/, () =>
          JSON.stringify(JSON.stringify(shell)),
        );
      },
    },
  };
}
