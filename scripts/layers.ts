// Checks that every import goes in the direction that layers.json declares. Type imports count, for a layer that knows
// another's types knows the other layer. Prints each import that does not.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

interface Layer {
  readonly name: string;
  readonly folders: readonly string[];
  readonly imports: readonly string[];
  /** Whether the layer's folders may not import from each other either. */
  readonly apart?: boolean;
}

const root = dirname(import.meta.dirname);
const { layers } = JSON.parse(readFileSync(join(root, 'layers.json'), 'utf8')) as { layers: Layer[] };
const packages = new Map([
  ['@syncline/shared', 'shared/src/index.ts'],
  ['@syncline/client', 'client/src/index.ts'],
]);

const problems = ['server/src', 'client', 'shared/src'].flatMap(sources).flatMap(checkFile);
for (const problem of problems) console.error(problem);
process.exitCode = problems.length > 0 ? 1 : 0;

function checkFile(file: string): string[] {
  const from = place(file);
  if (!from) return [`${file} is in no layer of layers.json`];
  return importsOf(file).flatMap((target) => {
    const to = place(target);
    if (!to) return [`${file} imports ${target}, which is in no layer`];
    const isAllowed =
      to.layer === from.layer
        ? !from.layer.apart || to.folder === from.folder
        : from.layer.imports.includes(to.layer.name);
    return isAllowed ? [] : [`${file} (${from.layer.name}) imports ${target} (${to.layer.name})`];
  });
}

function importsOf(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8');
  const specifiers = [...text.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*'([^']+)'/g)].map(
    ([, specifier]) => specifier!,
  );
  return specifiers.flatMap((specifier) => {
    if (specifier.startsWith('.')) return relative(root, join(root, dirname(file), specifier));
    return packages.get(specifier) ?? [];
  });
}

function place(file: string): { layer: Layer; folder: string } | undefined {
  for (const layer of layers) {
    const folder = layer.folders.find((each) => file === each || file.startsWith(`${each}/`));
    if (folder !== undefined) return { layer, folder };
  }
  return undefined;
}

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !/node_modules|dist/.test(file))
    .map((file) => join(folder, file));
}
