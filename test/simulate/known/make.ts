// Makes one of the known mistakes in the process that imports this first: `--mistake NAME` on its command line.
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { clusterMistakes, mistakes } from './mistakes.ts';

const root = dirname(dirname(dirname(import.meta.dirname)));
const name = process.argv[process.argv.indexOf('--mistake') + 1];
const mistake = [...mistakes, ...clusterMistakes].find((each) => each.name === name);
if (!mistake) throw new Error(`there is no mistake ${name}`);
const { file, find, replace } = mistake;
const parts = readFileSync(join(root, file), 'utf8').split(find);
if (parts.length !== 2) throw new Error(`${file} has ${JSON.stringify(find)} ${parts.length - 1} times`);
const mistaken = pathToFileURL(join(root, file)).href;

registerHooks({
  load: (url, context, nextLoad) =>
    url === mistaken
      ? { format: 'module-typescript', source: parts.join(replace), shortCircuit: true }
      : nextLoad(url, context),
});
