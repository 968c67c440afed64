// An app outside of the workspace that uses the packages of the client SDK.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { temporaryFolder } from '../support/server.ts';

const root = join(import.meta.dirname, '../..');
const modules = ['test', 'client'].map((folder) => join(root, folder, 'node_modules'));

export class PackageApp implements Disposable {
  readonly #folder = temporaryFolder();

  private constructor() {
    this.write('package.json', '{ "type": "module" }');
  }

  /** As npm installs these. */
  static installed(words: readonly string[]): PackageApp {
    const app = new PackageApp();
    const quietly = ['--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];
    const { status, stderr } = spawnSync('npm', ['install', ...quietly, ...words], {
      cwd: app.path,
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`npm install ${words.join(' ')} failed: ${stderr}`);
    return app;
  }

  /** With the packages of these files, and with no others than those of the workspace that are named. */
  static unpacked(tarballs: Readonly<Record<string, string>>, packages: readonly string[]): PackageApp {
    const app = new PackageApp();
    for (const [name, tarball] of Object.entries(tarballs)) {
      const installed = join(app.path, 'node_modules', name);
      mkdirSync(installed, { recursive: true });
      const { status } = spawnSync('tar', ['-xzf', tarball, '--strip-components=1', '-C', installed]);
      if (status !== 0) throw new Error(`${tarball} cannot be unpacked`);
    }
    for (const name of packages) {
      const link = join(app.path, 'node_modules', name);
      mkdirSync(dirname(link), { recursive: true });
      const place = modules.map((folder) => join(folder, name)).find((each) => existsSync(each));
      if (place === undefined) throw new Error(`the workspace has no ${name}`);
      symlinkSync(place, link);
    }
    return app;
  }

  get path(): string {
    return this.#folder.path;
  }

  write(file: string, text: string): void {
    writeFileSync(join(this.path, file), text);
  }

  /** Runs a module to its own end; gives what it printed. */
  async run(source: string): Promise<string> {
    this.write('app.js', source);
    const child = spawn(process.execPath, ['app.js'], {
      cwd: this.path,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let printed = '';
    child.stdout.on('data', (text: Buffer) => (printed += text.toString()));
    await new Promise((resolve) => child.once('exit', resolve));
    return printed;
  }

  /** What the type checker says of each of these modules, and of the types that it comes by. */
  checked(...sources: readonly string[]): string[] {
    const files = sources.map((_, at) => `app${at}.ts`);
    for (const [at, source] of sources.entries()) this.write(files[at]!, source);
    const words = '--noEmit --strict --target es2022 --module nodenext --lib es2022,dom'.split(' ');
    const compiler = join(root, 'node_modules/typescript/bin/tsc');
    const { stdout } = spawnSync(process.execPath, [compiler, ...words, ...files], {
      cwd: this.path,
      encoding: 'utf8',
    });
    // What is of none of them is wrong with all of them.
    const errors = stdout.split(/^(?=\S)/m).filter((error) => error !== '');
    const isOf = (error: string, file: string): boolean =>
      error.startsWith(`${file}(`) || !files.some((each) => error.startsWith(`${each}(`));
    return files.map((file) => errors.filter((error) => isOf(error, file)).join(''));
  }

  [Symbol.dispose](): void {
    this.#folder[Symbol.dispose]();
  }
}
