import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { ServerProcess, temporaryFolder } from '../support/server.ts';

const root = join(import.meta.dirname, '../..');
const modules = join(root, 'test', 'node_modules');

const ofYjs = ['yjs', 'y-protocols', 'lib0'];
const ofAutomerge = ['@automerge/automerge', 'lib0'];

/** An app that has the package installed from its file, with the packages beside it that it expects there. */
class App implements Disposable {
  readonly #folder = temporaryFolder();

  constructor(tarball: string, packages: readonly string[] = [...new Set([...ofYjs, ...ofAutomerge])]) {
    const installed = join(this.path, 'node_modules', '@syncline', 'client');
    mkdirSync(installed, { recursive: true });
    const { status } = spawnSync('tar', ['-xzf', tarball, '--strip-components=1', '-C', installed]);
    if (status !== 0) throw new Error(`${tarball} cannot be unpacked`);
    mkdirSync(join(this.path, 'node_modules', '@automerge'));
    for (const name of packages) symlinkSync(join(modules, name), join(this.path, 'node_modules', name));
    writeFileSync(join(this.path, 'package.json'), '{ "type": "module" }');
  }

  get path(): string {
    return this.#folder.path;
  }

  /** Runs a module to its own end; gives what it printed. */
  async run(source: string): Promise<string> {
    writeFileSync(join(this.path, 'app.js'), source);
    const child = spawn(process.execPath, ['app.js'], {
      cwd: this.path,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let printed = '';
    child.stdout.on('data', (text: Buffer) => (printed += text.toString()));
    await new Promise((resolve) => child.once('exit', resolve));
    return printed;
  }

  /** What the type checker says of a module. */
  checked(source: string): string {
    writeFileSync(join(this.path, 'app.ts'), source);
    const words = [
      '--noEmit',
      '--strict',
      '--target',
      'es2022',
      '--module',
      'nodenext',
      '--lib',
      'es2022,dom',
    ];
    const compiler = join(root, 'node_modules/typescript/bin/tsc');
    return spawnSync(process.execPath, [compiler, ...words, 'app.ts'], { cwd: this.path, encoding: 'utf8' })
      .stdout;
  }

  [Symbol.dispose](): void {
    this.#folder[Symbol.dispose]();
  }
}

describe('the package of the client SDK', () => {
  let tarball: string;
  const [example, automergeExample, statusExample] = [
    ...readFileSync(join(root, 'client', 'README.md'), 'utf8').matchAll(/```js\n([\s\S]*?)```/g),
  ].map(([, source]) => source!);

  beforeAll(() => {
    const { stdout } = spawnSync(process.execPath, [join(root, 'scripts', 'package.ts')], {
      encoding: 'utf8',
    });
    tarball = join(root, stdout.trim());
  });

  it('[SDK1] [SDK8] runs the example of its README, which ends by itself', async () => {
    using folder = temporaryFolder();
    await using server = await ServerProcess.start({ data: folder.path });
    using app = new App(tarball);
    const source = example!.replace('ws://127.0.0.1:7070', `ws://127.0.0.1:${server.port}`);
    expect(source).not.toBe(example);
    expect(await app.run(source)).toBe('true hello\n');
  });

  it('[SDK14] [SDK15] runs the example of its README for Automerge', async () => {
    using folder = temporaryFolder();
    await using server = await ServerProcess.start({ data: folder.path });
    using app = new App(tarball);
    const source = automergeExample!.replace('ws://127.0.0.1:7070', `ws://127.0.0.1:${server.port}`);
    expect(source).not.toBe(automergeExample);
    expect(await app.run(source)).toBe('Groceries\n');
  });

  it.each([
    { engine: 'Yjs', packages: ofYjs, entry: '@syncline/client' },
    { engine: 'Automerge', packages: ofAutomerge, entry: '@syncline/client/automerge' },
  ])('[SDK14] needs nothing but $engine for $entry', async ({ packages, entry }) => {
    using app = new App(tarball, packages);
    const source = `import { createClient } from '${entry}';
const client = createClient({ url: 'ws://127.0.0.1:1/sync' });
console.log(client.connection.state);
`;
    expect(await app.run(source)).toBe('initial\n');
    expect(app.checked(`${source}client.retry(1);`)).toContain('Expected 0 arguments');
    expect(app.checked(source)).toBe('');
  });

  it('[SDK6] has types that the examples of its README meet', () => {
    using app = new App(tarball);
    const source = `${example}\ndeclare function show(text: string): void;\n${statusExample}`;
    expect(app.checked(source)).toBe('');
    expect(app.checked(source.replace('isSaved', 'isSafe'))).toContain("'isSafe' does not exist");
    expect(app.checked(automergeExample!)).toBe('');
    const withoutEngine = automergeExample!.replace(', engines: [automerge()]', '');
    expect(withoutEngine).not.toBe(automergeExample);
    expect(app.checked(withoutEngine)).toContain('"automerge"');
    const typed = automergeExample!
      .replace("open('todo'", "open<{ title?: string }>('todo'")
      .replace("= 'Groceries'", '= 3');
    expect(app.checked(typed)).toContain("Type 'number' is not assignable to type 'string'");
  });
});
