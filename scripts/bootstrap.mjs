// Brings what the project needs before a script runs: the workspace's packages with the pinned Node, the
// built pages (--page, --cluster-page) and a browser for the tests (--browser). Runs on any Node from 20 up, with npm alone.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const asked = new Set(process.argv.slice(2));

if (Number(process.versions.node.split('.')[0]) < 20) fail('Syncline needs Node 20 or later to install.');

install();
if (asked.has('--page')) buildPage('demo', 'demo/examples');
if (asked.has('--cluster-page')) buildPage('cluster-demo');
if (asked.has('--browser')) await findBrowser();

function install() {
  const manifests = ['package.json', 'pnpm-workspace.yaml', 'pnpm-lock.yaml'].concat(
    ['server', 'client', 'shared', 'test'].map((folder) => join(folder, 'package.json')),
  );
  // The running platform is part of the stamp: native packages differ between machines that share a folder.
  const wanted = digest(manifests, `${process.platform}-${process.arch}`);
  const stamp = join(root, 'node_modules', '.syncline-install');
  if (read(stamp) === wanted) return;
  const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const words = [
    '--yes',
    '--prefer-offline',
    packageManager,
    'install',
    '--frozen-lockfile',
    '--prefer-offline',
    '--loglevel=error',
  ];
  console.error('Installing, for the first time or after a change; the server runs on a Node of its own.');
  run('npx', words, `The packages could not be installed: 'npx ${packageManager} install' failed.`);
  writeFileSync(stamp, wanted);
}

/** What lies in the page's folder is built after it, into its place in the page's own. */
function buildPage(page, ...inside) {
  const sources = [`client/${page}`, 'client/parts', 'client/src', 'shared/src']
    .flatMap(files)
    .concat('client/package.json', 'shared/package.json', 'pnpm-lock.yaml');
  const wanted = digest(sources, '');
  const stamp = join(root, 'client', 'dist', `.syncline-${page}`);
  if (read(stamp) === wanted) return;
  const node = join(root, 'node_modules', '.bin', 'node');
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js');
  for (const built of [page, ...inside]) {
    run(node, [vite, 'build', `client/${built}`, '--logLevel', 'warn'], 'The page could not be built.');
  }
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, wanted);
}

async function findBrowser() {
  const { bringBrowser } = await import('./browser.mjs');
  const problem = await bringBrowser(root);
  if (problem) fail(problem);
}

function run(command, words, sentence) {
  const { status } = spawnSync(command, words, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    // npm hands its own settings down as environment variables, which a second package manager misreads.
    env: Object.fromEntries(
      Object.entries(process.env).filter(([name]) => !/^npm_(package|lifecycle)_/.test(name)),
    ),
    shell: process.platform === 'win32',
  });
  if (status !== 0) fail(sentence);
}

function files(folder) {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join((entry.parentPath ?? entry.path).slice(root.length + 1), entry.name))
    .toSorted();
}

function digest(paths, salt) {
  const hash = createHash('sha256').update(salt);
  for (const path of paths) hash.update(path).update(read(join(root, path)) ?? '');
  return hash.digest('hex');
}

function read(path) {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

function fail(sentence) {
  console.error(sentence);
  process.exit(1);
}
