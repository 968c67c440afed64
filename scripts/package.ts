// Builds the client SDK as packages that any project can install from their files: JavaScript and types of `shared` and of `client`.
// Writes dist/syncline-NAME-VERSION.tgz of each, has the linters of packages look at it, and prints its path.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';

interface Manifest {
  /** Entry points by name, and the sources that they are made of; those with a star are for our own tests. */
  readonly exports: Readonly<Record<string, string>>;
  /** What takes the place of the same fields in the package: pnpm sees to that, and npm does not. */
  readonly publishConfig: { readonly exports: Readonly<Record<string, unknown>> };
}

const root = dirname(import.meta.dirname);
const node = process.execPath;

// The types of the first are what the second is compiled against.
for (const folder of ['shared', 'client']) {
  requireEntries(folder);
  compile(folder);
  const tarball = pack(folder);
  await lint(tarball);
  console.log(tarball);
}

/** An entry point that is there in the workspace is there in the package. */
function requireEntries(folder: string): void {
  const manifest = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as Manifest;
  const { exports, publishConfig } = manifest;
  const missing = Object.keys(exports).filter(
    (name) => !name.includes('*') && !(name in publishConfig.exports),
  );
  if (missing.length > 0)
    throw new Error(`${folder}/package.json has no publishConfig.exports for ${missing.join(', ')}`);
}

function compile(folder: string): void {
  rmSync(join(root, folder, 'dist', 'lib'), { recursive: true, force: true });
  const project = join(folder, 'tsconfig.package.json');
  run(node, [join(root, 'node_modules/typescript/bin/tsc'), '-p', project], root);
}

/** Packed beside its place first: whoever installs the one that is there does not read half of another. */
function pack(folder: string): string {
  const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    packageManager: string;
  };
  mkdirSync(join(root, 'dist'), { recursive: true });
  const place = mkdtempSync(join(root, 'dist', 'packing-'));
  try {
    const words = [
      '--yes',
      '--prefer-offline',
      packageManager,
      'pack',
      '--json',
      '--pack-destination',
      place,
    ];
    const { filename } = JSON.parse(run('npx', words, join(root, folder))) as { filename: string };
    const tarball = join('dist', basename(filename));
    renameSync(filename, join(root, tarball));
    return tarball;
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

async function lint(tarball: string): Promise<void> {
  const bytes = readFileSync(join(root, tarball));
  const contents = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  const { messages, pkg } = await publint({ pack: { tarball: contents }, strict: true });
  const complaints = messages.map((message) => formatMessage(message, pkg, { color: false }));
  if (complaints.length > 0) throw new Error(`publint says of ${tarball}: ${complaints.join('; ')}`);
  const attw = join(
    dirname(fileURLToPath(import.meta.resolve('@arethetypeswrong/cli/package.json'))),
    'dist/index.js',
  );
  run(node, [attw, '--profile', 'esm-only', '--no-definitely-typed', '--format', 'ascii', tarball], root);
}

function run(command: string, words: readonly string[], cwd: string): string {
  const { status, stdout } = spawnSync(command, words, {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    // npm hands its own settings down as environment variables, which a second package manager misreads.
    env: Object.fromEntries(
      Object.entries(process.env).filter(([name]) => !/^npm_(package|lifecycle)_/.test(name)),
    ),
  });
  if (status !== 0) throw new Error(`${basename(command)} ${words.join(' ')} failed: ${stdout}`);
  return stdout;
}
