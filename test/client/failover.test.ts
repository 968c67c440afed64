// A client that knows several replicas of a cluster: what it does when one of them is not there.
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, it } from 'vitest';
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
