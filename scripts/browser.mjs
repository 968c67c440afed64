// Finds a Chromium for the browser tests, or brings one: Playwright's own download first, then Debian's package.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readdirSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

const environment = process.env;
const isWindows = process.platform === 'win32';

/** Brings a browser if none is there. Gives nothing when the tests can run, else one sentence that says why not. */
export async function bringBrowser(root) {
  if (findBrowser(root)) return undefined;
  if (environment.SYNCLINE_CHROMIUM) {
    return `SYNCLINE_CHROMIUM names '${environment.SYNCLINE_CHROMIUM}', which is not an executable file.`;
  }
  console.error('No Chromium is installed; bringing one for the browser tests.');
  for (const bring of [download, bringLibraries, installPackage]) {
    bring(root);
    if (isRunnable(findBrowser(root))) return undefined;
  }
  return 'The browser tests need Chromium, and neither Playwright nor apt-get could bring one: install it, or name its executable in SYNCLINE_CHROMIUM.';
}

/** The path of an installed Chromium or Chrome. It is found by looking at files alone, since this precedes every test run. */
export function findBrowser(root) {
  if (environment.SYNCLINE_CHROMIUM) return [environment.SYNCLINE_CHROMIUM].find(isExecutable);
  return [...onPath(), ...usualPlaces()].find(isExecutable) ?? playwrightsOwn(root).find(isExecutable);
}

function onPath() {
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
  const folders = (environment.PATH ?? '').split(delimiter).filter(Boolean);
  return names.flatMap((name) => folders.map((folder) => join(folder, isWindows ? `${name}.exe` : name)));
}

function usualPlaces() {
  if (process.platform === 'darwin') {
    return ['/Applications', join(homedir(), 'Applications')].flatMap((folder) =>
      ['Chromium', 'Google Chrome'].map((name) => join(folder, `${name}.app`, 'Contents', 'MacOS', name)),
    );
  }
  if (!isWindows) return [];
  return ['PROGRAMFILES', 'PROGRAMFILES(X86)', 'LOCALAPPDATA']
    .flatMap((name) => environment[name] ?? [])
    .flatMap((folder) =>
      ['Chromium', 'Google\\Chrome'].map((name) => join(folder, name, 'Application', 'chrome.exe')),
    );
}

/** Playwright's library could tell, but loading it takes several times as long as looking into its folder. */
function playwrightsOwn(root) {
  const folder = playwrightFolder(root);
  if (!existsSync(folder)) return [];
  const executable =
    /[\\/](chrome-headless-shell|headless_shell|chrome|Chromium|Google Chrome for Testing)(\.exe)?$/;
  return readdirSync(folder)
    .filter((name) => /^chromium(_headless_shell)?-\d+$/.test(name))
    .filter((name) => existsSync(join(folder, name, 'INSTALLATION_COMPLETE')))
    .flatMap((name) =>
      readdirSync(join(folder, name), { recursive: true }).map((path) => join(folder, name, path)),
    )
    .filter((path) => executable.test(path));
}

function playwrightFolder(root) {
  const chosen = environment.PLAYWRIGHT_BROWSERS_PATH;
  if (chosen === '0') return join(root, 'node_modules', 'playwright-core', '.local-browsers');
  if (chosen) return chosen;
  if (isWindows)
    return join(environment.LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local'), 'ms-playwright');
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'ms-playwright');
  return join(environment.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'ms-playwright');
}

function download(root) {
  // Without --no-remove it would delete the browsers that other projects on this machine have brought.
  playwright(root, ['install', '--no-remove', 'chromium-headless-shell']);
}

/** What a bare Linux lacks for a downloaded browser to start. Only for root: sudo would ask for a password. */
function bringLibraries(root) {
  if (isRootOnDebian() && findBrowser(root)) playwright(root, ['install-deps', 'chromium-headless-shell']);
}

function installPackage() {
  if (!isRootOnDebian()) return;
  const options = ['-o', 'DPkg::Lock::Timeout=60'];
  run('apt-get', [...options, 'update'], 120);
  run('apt-get', [...options, 'install', '-y', '--no-install-recommends', 'chromium'], 300);
}

function playwright(root, command) {
  const cli = join(root, 'node_modules', 'playwright-core', 'cli.js');
  run(join(root, 'node_modules', '.bin', 'node'), [cli, ...command], 120);
}

function run(command, arguments_, seconds) {
  const env = { ...environment, DEBIAN_FRONTEND: 'noninteractive' };
  return spawnSync(command, arguments_, { env, stdio: 'ignore', timeout: seconds * 1_000, shell: isWindows });
}

function isRootOnDebian() {
  return process.getuid?.() === 0 && existsSync('/etc/debian_version');
}

/** Chrome on Windows opens a window when it is asked for its version. */
function isRunnable(path) {
  return path !== undefined && (isWindows || run(path, ['--version'], 20).status === 0);
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
