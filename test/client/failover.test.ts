// A client that knows several replicas of a cluster: what it does when one of them is not there.
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { downCodec, type ErrorCode, errorTable } from '@syncline/shared';
import { expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { GuardedServer } from '../support/guarded-server.ts';
import { Cluster, mesh } from '../support/cluster.ts';
import type { Replica } from '../support/replica.ts';
import { SdkClient, settled, textOf, write } from '../support/sdk-client.ts';
import { ServerProcess, temporaryFolder } from '../support/server.ts';
import { SlowProxy } from '../support/slow-proxy.ts';
import { storedDocument } from '../support/stored-updates.ts';
import { until } from '../support/until.ts';
import { WireClient } from '../support/wire-client.ts';

const document = 'notes/today';

function pair(): Promise<Cluster> {
  return Cluster.start({ names: ['a', 'b'], links: mesh(['a', 'b']) });
}

function storedIn({ data }: Replica): string {
  return textOf({ doc: storedDocument(data, document) });
}

/** An address at which nobody listens any more. */
async function nowhere(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return `ws://127.0.0.1:${port}/sync`;
}

/** A server of another version, say: answers every hello with a refusal. */
class RefusingServer implements Disposable {
  hellos = 0;
  readonly #server = new WebSocketServer({ host: '127.0.0.1', port: 0 });

  private constructor(code: ErrorCode) {
    const refusal = downCodec.encode({ say: 'refused', channel: 0, code, detail: '' });
    this.#server.on('connection', (socket) =>
      socket.on('message', () => {
        this.hellos++;
        socket.send(refusal);
        socket.close(errorTable[code].close);
      }),
    );
  }

  static async start(code: ErrorCode): Promise<RefusingServer> {
    const refusing = new RefusingServer(code);
    await once(refusing.#server, 'listening');
    return refusing;
  }

  get sync(): string {
    return `ws://127.0.0.1:${(this.#server.address() as AddressInfo).port}/sync`;
  }

  [Symbol.dispose](): void {
    for (const socket of this.#server.clients) socket.terminate();
    this.#server.close();
  }
}

it('[SDK21] what one replica has not acknowledged when it is killed goes to the other, and is there once', async () => {
  await using cluster = await pair();
  await cluster.live();
  const [a, b] = [cluster.replica('a'), cluster.replica('b')];
  await using anna = new SdkClient({ url: [a.server.sync, b.server.sync] });
  const notes = anna.open(document);
  write(notes, 'one');
  await notes.saved();
  await until('b has it', () => storedIn(b) === 'one');
  anna.traffic();
  // It hears what is typed, and does not answer.
  process.kill(a.server.pid, 'SIGSTOP');
  write(notes, ', two');
  await until(
    'it is sent',
    () => notes.status.uploads.edits === 1 && anna.traffic().sent.includes('updates'),
  );
  await a.end();
  write(notes, ', three');
  await anna.reaches('waiting');
  expect(notes.status.uploads).toMatchObject({ isSaved: false, edits: 2 });
  await notes.saved();
  expect(storedIn(b)).toBe('one, two, three');
  expect(anna.client.status).toMatchObject({
    connection: { state: 'connected' },
    uploads: { isSaved: true },
  });

  await a.start();
  await cluster.agree();
  expect(storedIn(a)).toBe('one, two, three');
  await using ben = new SdkClient({ url: [a.server.sync, b.server.sync] });
  const his = ben.open(document);
  await his.synced();
  write(his, ', four');
  await until('they agree', () => textOf(notes) === 'one, two, three, four');
  expect(textOf(his)).toBe(textOf(notes));
});

it('[SDK21] an address where nobody listens costs one attempt, and is not asked again while the next one answers', async () => {
  using folder = temporaryFolder();
  await using server = await ServerProcess.start({ data: folder.path });
  await using link = await SlowProxy.open({ port: server.port });
  await using anna = new SdkClient({ url: [await nowhere(), link.sync] });
  const notes = anna.open(document);
  await notes.synced();
  expect(anna.sockets).toBe(2);
  link.cut();
  write(notes, 'typed');
  await notes.saved();
  expect(anna.sockets).toBe(3);
});

it('[SDK21] all addresses are tried in turn until one answers', async () => {
  using folder = temporaryFolder();
  await using first = await ServerProcess.start({ data: folder.path });
  await using anna = new SdkClient({ url: [await nowhere(), await nowhere(), first.sync] });
  const notes = anna.open(document);
  await notes.synced();
  expect(anna.sockets).toBe(3);
  await first.end();
  write(notes, 'typed');
  await until('all have been tried again', () => anna.sockets >= 6);
  expect(notes.status.connection.state).not.toBe('connected');
  await using again = await first.restart();
  await notes.saved();
  expect(textOf({ doc: storedDocument(again.settings.data, document) })).toBe('typed');
});

it('[SDK21] a replica that goes away sends its clients to the next one, which is asked at once', async () => {
  await using cluster = await pair();
  await cluster.live();
  const [a, b] = [cluster.replica('a'), cluster.replica('b')];
  await using anna = new SdkClient({ url: [a.server.sync, b.server.sync] });
  const notes = anna.open(document);
  write(notes, 'one');
  await notes.saved();
  await a.end('SIGTERM');
  write(notes, ', two');
  await notes.saved();
  expect(anna.sockets).toBe(2);
  expect(storedIn(b)).toBe('one, two');
});

it('[SDK21] a replica that lets nobody more in is passed over', async () => {
  using folder = temporaryFolder();
  const alone = ['--max-sockets-per-address', '1'];
  await using full = await ServerProcess.start({ data: `${folder.path}/full`, arguments: alone });
  await using free = await ServerProcess.start({ data: `${folder.path}/free` });
  using _ = await WireClient.open(full.port, '/sync');
  await using anna = new SdkClient({ url: [full.sync, free.sync] });
  const notes = anna.open(document);
  write(notes, 'typed');
  await notes.saved();
  expect(anna.sockets).toBe(2);
  expect(textOf({ doc: storedDocument(free.settings.data, document) })).toBe('typed');
});

it('[SDK21] a list of addresses has at least one, and none that is not of a socket', () => {
  expect(() => new SdkClient({ url: [] })).toThrow(TypeError);
  expect(() => new SdkClient({ url: ['ws://127.0.0.1:1/sync', 'http://127.0.0.1:1/sync'] })).toThrow(
    TypeError,
  );
});

it('[SDK21] [SDK12] what is to be on both replicas waits for the one that is away', async () => {
  await using cluster = await pair();
  await cluster.live();
  const [a, b] = [cluster.replica('a'), cluster.replica('b')];
  await using anna = new SdkClient({ url: [a.server.sync, b.server.sync] });
  const notes = anna.open(document);
  await notes.synced();
  await a.end();
  write(notes, 'typed');
  const onBoth = settled(notes.saved({ tier: { replicas: 2 } }));
  await notes.saved();
  await until('it is known who is waited for', () => notes.status.uploads.awaited.includes('a'));
  expect(onBoth.is).toBe('open');
  await a.start();
  await until('both have it', () => onBoth.is === 'resolved');
  expect(storedIn(a)).toBe('typed');
  expect(storedIn(b)).toBe('typed');
});

it('[SDK28] where a replica refuses for good the next one is tried, which may be of another version', async () => {
  using folder = temporaryFolder();
  await using server = await ServerProcess.start({ data: folder.path });
  using newer = await RefusingServer.start('unsupported_version');
  await using anna = new SdkClient({ url: [newer.sync, server.sync] });
  const notes = anna.open(document);
  write(notes, 'typed');
  await notes.saved();
  expect(anna.sockets).toBe(2);
  expect(newer.hellos).toBe(1);
  expect(textOf({ doc: storedDocument(folder.path, document) })).toBe('typed');
});

it('[SDK28] a client is rejected when all replicas have refused it for good, and asks all of them when it is to try again', async () => {
  using newer = await RefusingServer.start('unsupported_version');
  using stranger = await RefusingServer.start('bad_origin');
  await using anna = new SdkClient({ url: [newer.sync, stranger.sync] });
  const notes = anna.open(document);
  await expect(notes.synced()).rejects.toMatchObject({ code: 'bad_origin' });
  expect(anna.client.status.connection).toMatchObject({ state: 'rejected', error: { code: 'bad_origin' } });
  expect([newer.hellos, stranger.hellos]).toEqual([1, 1]);
  anna.client.retry();
  await until('both are asked again', () => newer.hellos === 2 && stranger.hellos === 2);
  await anna.reaches('rejected');
});

it('[SDK28] a replica that is away has not refused: it is waited for', async () => {
  using folder = temporaryFolder();
  await using first = await ServerProcess.start({ data: folder.path });
  await first.end();
  using newer = await RefusingServer.start('unsupported_version');
  await using anna = new SdkClient({ url: [newer.sync, first.sync] });
  const notes = anna.open(document);
  await until('the one that is there was asked twice', () => newer.hellos > 1);
  expect(anna.client.status.connection.state).not.toBe('rejected');
  await using _ = await first.restart();
  await notes.synced();
});

it('[SDK28] a token that is refused is refused by all', async () => {
  await using guarded = await GuardedServer.start();
  using newer = await RefusingServer.start('unsupported_version');
  const token = guarded.key.forge({ write: ['**'] });
  await using anna = new SdkClient({ url: [guarded.server.sync, newer.sync], token });
  anna.open(document);
  await anna.reaches('needs-token');
  expect(newer.hellos).toBe(0);
});
