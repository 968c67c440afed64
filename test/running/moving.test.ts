// docs/moving.md, run as it is written: its scripts and commands, on what other servers have stored.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Repo } from '@automerge/automerge-repo';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { StockClient } from '../support/client.ts';
import { RepoClient } from '../support/automerge-repo-client.ts';
import { GuardedServer } from '../support/guarded-server.ts';
import { NodeFSStorageAdapter } from '../support/node-fs-storage.ts';
import { temporaryFolder } from '../support/server.ts';
import { until } from '../support/until.ts';

const root = join(import.meta.dirname, '../..');
const page = readFileSync(join(root, 'docs/moving.md'), 'utf8');
const blocksOf = (language: string): string[] =>
  [...page.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map(([, block]) => block!);
const [upload, fromHocuspocus, fromYWebsocket, fromAutomergeRepo] = blocksOf('js') as [
  string,
  string,
  string,
  string,
];
const [exports, exported] = blocksOf('sh') as [string, string];

/** What y-websocket's own server stores with, as it comes with that. */
const ofYWebsocket = createRequire(realpathSync(join(root, 'test/node_modules/y-websocket-1/package.json')));

/** The part of y-leveldb that is used here. */
interface Persistence {
  storeUpdate(path: string, update: Uint8Array): Promise<unknown>;
  destroy(): Promise<void>;
}

describe('what is moved over', () => {
  let guarded: GuardedServer;
  const folder = temporaryFolder();
  const scripts = join(folder.path, 'scripts');
  let environment: NodeJS.ProcessEnv;

  beforeAll(async () => {
    guarded = await GuardedServer.start();
    mkdirSync(scripts);
    install('yjs', 'test/node_modules/yjs');
    install('@hocuspocus/provider', 'test/node_modules/@hocuspocus/provider');
    install('better-sqlite3', 'test/node_modules/better-sqlite3');
    install('y-leveldb', dirname(dirname(ofYWebsocket.resolve('y-leveldb'))));
    install('@automerge/automerge-repo', 'test/node_modules/@automerge/automerge-repo');
    const adapter = '@automerge/automerge-repo-network-websocket';
    install(adapter, `test/node_modules/${adapter}`);
    const storage = join(scripts, 'node_modules/@automerge/automerge-repo-storage-nodefs');
    mkdirSync(storage);
    writeFileSync(
      join(storage, 'index.mjs'),
      `export * from '${join(root, 'test/support/node-fs-storage.ts')}';`,
    );
    writeFileSync(join(storage, 'package.json'), '{ "exports": "./index.mjs" }');
    writeFileSync(join(scripts, 'upload.mjs'), upload);
    environment = {
      ...process.env,
      SYNCLINE: guarded.server.http.replace('http', 'ws'),
      TOKEN: shell(exports.replace('export TOKEN=$(', '').match(/^npm .*(?=\)$)/m)![0]),
    };
  });

  afterAll(async () => {
    await guarded[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  function install(name: string, from: string): void {
    const place = join(scripts, 'node_modules', name);
    mkdirSync(dirname(place), { recursive: true });
    symlinkSync(realpathSync(from.startsWith('/') ? from : join(root, from)), place);
  }

  /** A command of the page, on the folders of this test. */
  function shell(command: string): string {
    const words = command
      .replace('npm run --silent syncline --', `${process.execPath} ${join(root, 'server/src/main.ts')}`)
      .replace('--token-key-file token-key', guarded.key.arguments.join(' '))
      .replace('/var/lib/syncline', guarded.data);
    return execFileSync('sh', ['-c', words], { encoding: 'utf8' }).trim();
  }

  /** Gives the names that the script says. */
  function run(script: string, source: string): string[] {
    const file = join(scripts, 'script.mjs');
    writeFileSync(file, script);
    const said = execFileSync(process.execPath, [file, source], {
      encoding: 'utf8',
      env: environment,
      stdio: 'pipe',
    });
    return said.trim().split('\n').toSorted();
  }

  function textOf(name: string): unknown {
    return JSON.parse(shell(exported.trim().replace('notes/today', name))) as unknown;
  }

  it('[MOV1] from the rows of Hocuspocus, twice, and what was typed here meanwhile is kept', async () => {
    const file = join(folder.path, 'db.sqlite');
    const database = new Database(file);
    database.exec('CREATE TABLE documents (name varchar(255) NOT NULL, data blob NOT NULL, UNIQUE(name))');
    const store = database.prepare('INSERT OR REPLACE INTO documents (name, data) VALUES (?, ?)');
    const doc = documentWith('of Hocuspocus');
    store.run('notes/today', Y.encodeStateAsUpdate(doc));
    store.run('empty', Y.encodeStateAsUpdate(new Y.Doc()));
    expect(run(fromHocuspocus, file)).toEqual(['empty', 'notes/today']);
    expect(textOf('notes/today')).toEqual({ content: 'of Hocuspocus' });
    const token = guarded.key.sign({ write: ['**'] });
    using anna = await new StockClient({ url: guarded.server.yjs, document: 'notes/today', token }).synced();
    anna.text.insert(0, 'Here: ');
    doc.getText('content').delete(0, 3);
    store.run('notes/today', Y.encodeStateAsUpdate(doc));
    database.close();
    run(fromHocuspocus, file);
    await until('both are there', () => anna.text.toJSON() === 'Here: Hocuspocus');
    expect(textOf('notes/today')).toEqual({ content: 'Here: Hocuspocus' });
  });

  it('[MOV1] from the LevelDB of y-websocket, under the names that its clients use', async () => {
    const { LeveldbPersistence } = ofYWebsocket('y-leveldb') as {
      LeveldbPersistence: new (location: string) => Persistence;
    };
    const location = join(folder.path, 'leveldb');
    const persistence = new LeveldbPersistence(location);
    for (const room of ['plain', 'menu/café au lait'])
      await persistence.storeUpdate(pathOf(room), Y.encodeStateAsUpdate(documentWith(room)));
    await persistence.destroy();
    expect(run(fromYWebsocket, location)).toEqual(['menu/café au lait', 'plain']);
    const token = guarded.key.sign({ read: ['**'] });
    for (const document of ['plain', 'menu/café au lait']) {
      using reader = await new StockClient({ url: guarded.server.yjs, document, token }).synced();
      expect(reader.text.toJSON()).toBe(document);
    }
  });

  it('[MOV1] from the storage of automerge-repo, under the same URLs', async () => {
    const location = join(folder.path, 'repo');
    mkdirSync(location);
    const old = new Repo({ storage: new NodeFSStorageAdapter(location) });
    const handles = ['one', 'other'].map((text) => old.create({ text }));
    handles[1]!.change((notes) => (notes.text = 'another'));
    await old.flush();
    const names = handles.map(({ documentId }) => documentId as string).toSorted();
    expect(run(fromAutomergeRepo, location)).toEqual(names);
    using reader = new RepoClient({
      url: guarded.server.automerge,
      token: guarded.key.sign({ read: ['**'] }),
    });
    for (const { url, heads } of handles.map((handle) => ({ url: handle.url, heads: handle.heads() }))) {
      expect((await reader.find(url)).heads()).toEqual(heads);
    }
    expect(run(fromAutomergeRepo, location)).toEqual(names);
  });

  it('[MOV1] is refused by name where the token does not grant it', () => {
    const file = join(folder.path, 'refused.sqlite');
    const database = new Database(file);
    database.exec('CREATE TABLE documents (name, data)');
    const row = [Y.encodeStateAsUpdate(documentWith('mine'))];
    database.prepare("INSERT INTO documents VALUES ('mine', ?)").run(...row);
    database.close();
    environment = { ...environment, TOKEN: guarded.key.sign({ write: ['other'] }) };
    expect(() => run(fromHocuspocus, file)).toThrow(/mine: forbidden/);
  });
});

function documentWith(text: string): Y.Doc {
  const doc = new Y.Doc();
  doc.getText('content').insert(0, text);
  return doc;
}

/** What y-websocket's server calls a room: its path, as URLs have it. */
function pathOf(room: string): string {
  return new URL(`ws://127.0.0.1/${room}`).pathname.slice(1);
}
