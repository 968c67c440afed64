// Makes the limits of replication variable in the process that imports this first, so that a few documents can reach them.
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

const root = dirname(dirname(dirname(import.meta.dirname)));
const file = join(root, 'server/src/replication/limits.ts');
const limits = pathToFileURL(file).href;
const source = readFileSync(file, 'utf8');
const names = Array.from(source.matchAll(/^export const (\w+) =/gm), ([, name]) => name!);
const setters = names.map((name) => `${name}: (value) => void (${name} = value)`);

registerHooks({
  load: (url, context, nextLoad) =>
    url === limits
      ? {
          format: 'module',
          source: `${source.replaceAll(/^export const /gm, 'export let ')}\nexport const setters = { ${setters.join()} };`,
          shortCircuit: true,
        }
      : nextLoad(url, context),
});
