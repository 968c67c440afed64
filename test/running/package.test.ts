// The packages of the client SDK, as an app has them that knows nothing of the workspace.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, preview } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBrowser } from '../support/browser.ts';
import { ServerProcess, temporaryFolder } from '../support/server.ts';
import { storedDocument } from '../support/stored-updates.ts';
import { PackageApp } from './package-app.ts';

const root = join(import.meta.dirname, '../..');
const readme = readFileSync(join(root, 'client', 'README.md'), 'utf8');
const [example, offlineExample, fileExample, automergeExample, statusExample] = [
  ...readme.matchAll(/```js\n([\s\S]*?)```/g),
].map(([, source]) => source!);
const [, install] = /^npm install (.*\.tgz.*)$/m.exec(readme)!;

const ofYjs = ['yjs', 'y-protocols', 'lib0'];
const ofAutomerge = ['@automerge/automerge', 'lib0'];

let tarballs: Record<string, string>;
beforeAll(() => {
  const words = [join(root, 'scripts', 'package.ts')];
  const { status, stdout, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  const [shared, client] = stdout.trim().split('\n');
  tarballs = { '@syncline/shared': join(root, shared!), '@syncline/client': join(root, client!) };
});

function unpacked(packages: readonly string[] = [...ofYjs, ...ofAutomerge, 'idb']): PackageApp {
  return PackageApp.unpacked(tarballs, [...new Set(packages)]);
}

describe('the packages of the client SDK', () => {
  it('[SDK1] [SDK8] run the example of the README, which ends by itself', async () => {
    using folder = temporaryFolder();
    await using server = await ServerProcess.start({ data: folder.path });
    using app = unpacked();
    const source = example!.replace('ws://127.0.0.1:7070', `ws://127.0.0.1:${server.port}`);
    expect(source).not.toBe(example);
    expect(await app.run(source)).toBe('true hello\n');
  });

  it('[SDK14] [SDK15] run the example of the README for Automerge', async () => {
    using folder = temporaryFolder();
    await using server = await ServerProcess.start({ data: folder.path });
    using app = unpacked();
    const source = automergeExample!.replace('ws://127.0.0.1:7070', `ws://127.0.0.1:${server.port}`);
    expect(source).not.toBe(automergeExample);
    expect(await app.run(source)).toBe('Groceries\n');
  });

  it.each([
    { engine: 'Yjs', packages: ofYjs, entry: '@syncline/client' },
    { engine: 'Automerge', packages: ofAutomerge, entry: '@syncline/client/automerge' },
  ])('[SDK14] need nothing but $engine for $entry', async ({ packages, entry }) => {
    using app = unpacked(packages);
    const source = `import { createClient } from '${entry}';
const client = createClient({ url: 'ws://127.0.0.1:1/sync' });
console.log(client.status.connection.state);
`;
    expect(await app.run(source)).toBe('initial\n');
    const [right, wrong] = app.checked(source, `${source}client.retry(1);`);
    expect(right).toBe('');
    expect(wrong).toContain('Expected 0 arguments');
  });

  it('[SDK6] have types that the examples of the README meet', () => {
    using app = unpacked();
    const source = `${example}\ndeclare function show(text: string): void;\n${statusExample}`;
    const withoutEngine = automergeExample!.replace(', engines: [automerge()]', '');
    expect(withoutEngine).not.toBe(automergeExample);
    const typed = automergeExample!
      .replace("open('todo'", "open<{ title?: string }>('todo'")
      .replace("= 'Groceries'", '= 3');
    const right = [source, offlineExample!, fileExample!, automergeExample!];
    const complaints = app.checked(...right, source.replace('isSaved', 'isSafe'), withoutEngine, typed);
    expect(complaints.splice(0, right.length)).toEqual(right.map(() => ''));
    expect(complaints[0]).toContain("'isSafe' does not exist");
    expect(complaints[1]).toContain('"automerge"');
    expect(complaints[2]).toContain("Type 'number' is not assignable to type 'string'");
  });
});

describe('the packages, installed by npm as the README says', () => {
  let app: PackageApp;
  beforeAll(() => {
    app = PackageApp.installed(install!.replaceAll('/path/to/syncline', root).split(' '));
  });
  afterAll(() => app[Symbol.dispose]());

  it('[SDK26] keep documents in a file, and give them to y-websocket code, in Node', async () => {
    using folder = temporaryFolder();
    await using server = await ServerProcess.start({ data: join(folder.path, 'server') });
    const source = `import { createClient } from '@syncline/client';
import { fileStore } from '@syncline/client/file';
import { YjsProvider } from '@syncline/client/provider';
import * as Y from 'yjs';

const client = createClient({ url: '${server.sync}', store: fileStore('notes.kept') });
const provider = new YjsProvider(client, 'notes', new Y.Doc());
provider.doc.getText('content').insert(0, 'hello');
await provider.document?.saved({ tier: 'local' });
await provider.document?.saved();
provider.destroy();
await client.close();
`;
    const [right, wrong] = app.checked(source, source.replace("'notes.kept'", '3'));
    expect(right).toBe('');
    expect(wrong).toContain("'number' is not assignable");
    expect(await app.run(`${source}console.log('done');`)).toBe('done\n');
    const stored = storedDocument(join(folder.path, 'server'), 'notes');
    expect(stored.getText('content').toJSON()).toBe('hello');
  });

  it('[SDK26] keep documents in IndexedDB, in a page that Vite has built', async () => {
    using folder = temporaryFolder();
    await using server = await ServerProcess.start({ data: folder.path });
    app.write('index.html', '<script type="module" src="/page.js"></script>');
    app.write(
      'page.js',
      `import { createClient } from '@syncline/client';
import { indexedDb } from '@syncline/client/indexeddb';
import { YjsProvider } from '@syncline/client/provider';
import * as Y from 'yjs';

const client = createClient({ url: location.hash.slice(1), store: indexedDb() });
const provider = new YjsProvider(client, 'notes', new Y.Doc());
provider.doc.getText('content').insert(0, 'hello');
window.saved = (async () => {
  await provider.document?.saved({ tier: 'local' });
  await provider.document?.saved();
  return client.status.durability.state;
})();
`,
    );
    const configuration = { root: app.path, configFile: false, logLevel: 'error' } as const;
    await build(configuration);
    await using page = await preview({ ...configuration, preview: { host: '127.0.0.1', port: 0 } }).then(
      (site) => ({ url: site.resolvedUrls!.local[0]!, [Symbol.asyncDispose]: () => site.close() }),
    );
    await using browser = await openBrowser();
    const tab = await browser.newPage();
    const complaints: string[] = [];
    tab.on('pageerror', (error) => complaints.push(error.message));
    await tab.goto(`${page.url}#${server.sync}`);
    expect(await tab.evaluate('window.saved')).toMatch(/^(kept|evictable)$/);
    expect(complaints).toEqual([]);
    expect(storedDocument(folder.path, 'notes').getText('content').toJSON()).toBe('hello');
  });
});
