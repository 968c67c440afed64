// Builds the client SDK as a package that any project can install from its file: JavaScript and types of `client`, with
// `shared` inside. Writes dist/syncline-client-VERSION.tgz and prints its path.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  /** Entry points by name, and the sources that they are made of; those with a star are for our own tests. */
  readonly exports: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
}

const root = dirname(import.meta.dirname);
const build = join(root, 'dist', 'package');
const insideShared = join(build, 'node_modules', '@syncline', 'shared');

rmSync(build, { recursive: true, force: true });
mkdirSync(insideShared, { recursive: true });

const shared = manifest('shared');
compile('shared', insideShared, {});
writeManifest(insideShared, { ...shared, private: true });

const client = manifest('client');
// The client's types are to name those of the package inside, not the sources beside it.
compile('client', build, { '@syncline/shared': [join(insideShared, 'index.d.ts')] });
writeManifest(build, {
  ...client,
  dependencies: { ...client.dependencies, '@syncline/shared': shared.version },
  bundleDependencies: ['@syncline/shared'],
});
cpSync(join(root, 'client', 'README.md'), join(build, 'README.md'));
cpSync(join(root, 'LICENSE'), join(build, 'LICENSE'));

const packed = run('npm', ['pack', '--silent', '--pack-destination', join(root, 'dist')], build);
console.log(join('dist', packed.trim()));

function compile(folder: string, outDir: string, paths: Readonly<Record<string, string[]>>): void {
  const project = join(root, folder, 'tsconfig.package.json');
  const options = {
    extends: './tsconfig.json',
    compilerOptions: {
      noEmit: false,
      declaration: true,
      allowImportingTsExtensions: false,
      rewriteRelativeImportExtensions: true,
      rootDir: 'src',
      outDir,
      paths,
    },
    exclude: ['**/*.test.ts'],
  };
  writeFileSync(project, JSON.stringify(options));
  try {
    run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', project], root);
  } finally {
    rmSync(project);
  }
}

function manifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as Manifest;
}

function writeManifest(
  folder: string,
  { name, version, license, exports: sources, dependencies, ...rest }: Manifest & Record<string, unknown>,
): void {
  const { peerDependencies, peerDependenciesMeta, bundleDependencies } = rest;
  const exports = Object.fromEntries(
    Object.entries(sources)
      .filter(([entry]) => !entry.includes('*'))
      .map(([entry, source]) => [entry, builtFrom(source)]),
  );
  const all = {
    name,
    version,
    license,
    type: 'module',
    sideEffects: false,
    exports,
    engines: { node: '>=22' },
    dependencies,
    peerDependencies,
    peerDependenciesMeta,
    bundleDependencies,
  };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(all, undefined, 2));
}

function builtFrom(source: string): { readonly types: string; readonly default: string } {
  const module = source.replace('./src/', './').replace(/\.ts$/, '');
  return { types: `${module}.d.ts`, default: `${module}.js` };
}

function run(command: string, words: readonly string[], cwd: string): string {
  const { status, stdout } = spawnSync(command, words, {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status !== 0) throw new Error(`${command} ${words[0]} failed: ${stdout}`);
  return stdout;
}
