// What is left of a client that was closed, and of a document that was opened twice.
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import * as Y from 'yjs';
import { metric } from '../support/metric.ts';
import { SdkClient, textOf, write } from '../support/sdk-client.ts';
import { ServerProcess, temporaryFolder } from '../support/server.ts';
import { until } from '../support/until.ts';

const document = 'notes/today';

const lost = 'closed with what no server has acknowledged, in: notes/today';

/** `app.ts` as a process of its own. */
class App implements Disposable {
  readonly lines: string[] = [];
  readonly errors: string[] = [];
  exitCode: number | null | undefined;
  readonly #process: ChildProcess;

  constructor(url: string, ...mistakes: readonly string[]) {
    const app = fileURLToPath(new URL('./app.ts', import.meta.url));
    this.#process = spawn(process.execPath, [app, url, ...mistakes], { stdio: ['pipe', 'pipe', 'pipe'] });
    createInterface({ input: this.#process.stdout! }).on('line', (line) => this.lines.push(line));
    createInterface({ input: this.#process.stderr! }).on('line', (line) => this.errors.push(line));
    this.#process.once('close', (code) => (this.exitCode = code));
  }

  async says(line: string): Promise<void> {
    await until(`the app says '${line}'`, () => this.lines.includes(line));
  }

  /** Has it close everything. */
  tell(): void {
    this.#process.stdin!.write('close\n');
  }

  /** Rejects if it has ended otherwise than by itself. */
  async ended(): Promise<void> {
    await until('the app has ended', () => this.exitCode !== undefined);
    if (this.exitCode !== 0) throw new Error(`it ended with ${this.exitCode}: ${this.errors.join('\n')}`);
  }

  /** Has it close everything, and holds that it then ends by itself. */
  async close(): Promise<void> {
    this.tell();
    await this.ended();
    if (this.errors.length > 0) throw new Error(this.errors.join('\n'));
  }

  [Symbol.dispose](): void {
    this.#process.kill('SIGKILL');
  }
}

it('[SDK8] an app that closes its client ends by itself, and the server forgets it', async () => {
  using folder = temporaryFolder();
  await using server = await ServerProcess.start({ data: folder.path });
  using app = new App(server.sync);
  await Promise.all([app.says('saved'), app.says('tasks are current')]);
  await app.close();
  await until('the server has nobody', async () => (await metric(server, 'connections')) === 0);
  expect(app.lines.slice(-2)).toEqual(['closed', 'left: ']);
});

it('[SDK8] it ends by itself while it waits to try again, and says what is lost with it', async () => {
  using folder = temporaryFolder();
  await using server = await ServerProcess.start({ data: folder.path });
  await server.end();
  using app = new App(server.sync);
  await app.says('waiting');
  app.tell();
  await app.ended();
  expect(app.errors.join('\n')).toContain(lost);
  expect(app.lines).toContain('the document was closed');
  expect(app.lines.slice(-2)).toEqual(['closed', 'left: ']);
});

// Windows cannot hold a process.
it.skipIf(process.platform === 'win32')(
  '[SDK8] it is not held up by a server that no longer answers',
  async () => {
    using folder = temporaryFolder();
    await using server = await ServerProcess.start({ data: folder.path });
    using connected = new App(server.sync);
    await connected.says('saved');
    process.kill(server.pid, 'SIGSTOP');
    using connecting = new App(server.sync);
    await connecting.says('connecting');
    connecting.tell();
    await connecting.ended();
    expect(connecting.errors.join('\n')).toContain(lost);
    connected.tell();
    // The client has been closed; the socket is the runtime's, which waits for the server's goodbye.
    await connected.says('left: TCPSocketWrap');
    process.kill(server.pid, 'SIGCONT');
    await connected.ended();
    expect(connected.lines).not.toContain('waiting');
  },
);

it('[SDK8] a listener of presence that throws when it ends leaves nothing open either', async () => {
  using folder = temporaryFolder();
  await using server = await ServerProcess.start({ data: folder.path });
  using app = new App(server.sync, 'with a mistake');
  await app.says('saved');
  app.tell();
  await app.ended();
  expect(app.errors.join('\n')).toContain('the application has a mistake');
  expect(app.lines.at(-1)).toBe('left: ');
});

it('[SDK8] what is closed hears nothing more, and takes nothing more', async () => {
  using folder = temporaryFolder();
  await using server = await ServerProcess.start({ data: folder.path });
  await using anna = new SdkClient({ url: server.sync });
  await using ben = new SdkClient({ url: server.sync });
  const [hers, his] = [anna.open(document), ben.open(document)];
  await Promise.all([hers.synced(), his.synced()]);
  let news = 0;
  hers.onStatus(() => news++);
  hers.close();
  hers.close();
  const heard = news;
  write(his, 'after');
  write(hers, 'kept here');
  await his.saved();
  // On the same connection something that was said later has come.
  await anna.open('another document').synced();
  expect(textOf(hers)).toBe('kept here');
  expect(textOf(his)).toBe('after');
  expect(news).toBe(heard);
  await expect(hers.saved()).rejects.toThrow('the document was closed');
  await expect(hers.synced()).rejects.toThrow('the document was closed');

  // Opened again it is the same document, with what was typed meanwhile.
  const again = anna.open(document, { doc: hers.doc });
  await Promise.all([again.saved(), again.synced()]);
  await until('they agree', () => textOf(again) === textOf(his));
  expect(textOf(his)).toHaveLength('afterkept here'.length);
});

it('[SDK8] opened twice a document is one, and closed with the last', async () => {
  using folder = temporaryFolder();
  await using server = await ServerProcess.start({ data: folder.path });
  await using anna = new SdkClient({ url: server.sync });
  const first = anna.open(document);
  const second = anna.open(document);
  expect(second.doc).toBe(first.doc);
  expect(second.presence).toBe(first.presence);
  expect(() => anna.open(document, { doc: new Y.Doc() })).toThrow('open with another doc');
  expect(anna.open(document, { doc: first.doc }).doc).toBe(first.doc);
  first.close();
  write(second, 'typed in what is still open');
  await second.saved();
  second.close();
  // The third is open still, though nobody kept it.
  const fourth = anna.open(document);
  expect(fourth.doc).toBe(first.doc);
  expect(anna.sockets).toBe(1);
});

it('[SDK1] [SDK8] what was typed before a client is closed is waited for, connected or not yet', async () => {
  using folder = temporaryFolder();
  await using server = await ServerProcess.start({ data: folder.path });
  {
    await using anna = new SdkClient({ url: server.sync });
    using hers = anna.open(document);
    write(hers, 'typed before there was a connection');
  }
  await using ben = new SdkClient({ url: server.sync });
  const his = ben.open(document);
  await his.synced();
  expect(textOf(his)).toBe('typed before there was a connection');
});

it('[SDK2] [SDK8] a document that was closed before it was saved is kept until it is', async () => {
  using folder = temporaryFolder();
  await using server = await ServerProcess.start({ data: folder.path });
  await using anna = new SdkClient({ url: server.sync });
  const hers = anna.open(document);
  await hers.synced();
  await server.end('SIGKILL');
  await anna.reaches('waiting');
  write(hers, 'typed without a server');
  hers.close();
  await using again = await server.restart();
  await using ben = new SdkClient({ url: again.sync });
  const his = ben.open(document);
  await until('it has come', () => textOf(his) === 'typed without a server');
});

it('[SDK8] a closed client opens nothing, and what is on its way when it closes arrives', async () => {
  using folder = temporaryFolder();
  await using server = await ServerProcess.start({ data: folder.path });
  const anna = new SdkClient({ url: server.sync });
  const hers = anna.open(document);
  await hers.synced();
  write(hers, 'said before leaving');
  await anna.client.close();
  await anna.client.close();
  expect(anna.client.status.connection).toEqual({ state: 'closed' });
  expect(() => anna.open('another document')).toThrow('the client was closed');
  hers.close();
  await using ben = new SdkClient({ url: server.sync });
  const his = ben.open(document);
  await until('ben has it', () => textOf(his) === 'said before leaving');
});

it('[SDK6] [SDK8] a client that is closed goes on saying what was not saved', async () => {
  await using anna = new SdkClient({ url: 'ws://127.0.0.1:9/sync' });
  const notes = anna.client.open(document);
  write(notes, 'lost');
  const told: boolean[] = [];
  anna.client.onStatus(({ uploads }) => told.push(uploads.isSaved));
  await anna.client.close();
  expect(anna.client.status).toMatchObject({
    connection: { state: 'closed' },
    uploads: { isSaved: false, isKept: false, documents: 1, edits: 1 },
  });
  expect(told).not.toContain(true);
});
