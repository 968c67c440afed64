// How a server goes when it is told to: with everything that it has read on the disk and sent on; and how it does not come.
import { expect, it } from 'vitest';
import { WebSocket } from 'ws';
import * as Y from 'yjs';
import { metric } from '../support/metric.ts';
import { npmStart } from '../support/npm-start.ts';
import { OtherWriter } from '../support/other-writer.ts';
import { refusal } from '../support/refusal.ts';
import { ServerProcess, temporaryFolder } from '../support/server.ts';
import { containsAll, storedDocument } from '../support/stored-updates.ts';
import { until } from '../support/until.ts';
import { WatchedClient } from '../support/witness.ts';

const maxDrainMs = 5_000;
const goingAway = 1012;
const document = 'notes/today';

it('[DUR6] SIGTERM during a commit lets nobody in, and waits for it and for what was read meanwhile', async () => {
  using folder = temporaryFolder();
  await using server = await ServerProcess.start({ data: folder.path });
  using anna = new WatchedClient({ url: server.yjs, document });
  using ben = new WatchedClient({ url: server.yjs, document });
  await until('both are synced', () => anna.provider.synced && ben.provider.synced);
  // Their first commit, so that the server has the database open for writing.
  anna.text.insert(0, 'one');
  await until('ben has it', () => ben.text.toJSON() === 'one');
  using other = new OtherWriter(folder.path);
  other.hold();
  let queued = 0;
  for (const letters of [', two', ', three', ', four']) {
    anna.text.insert(anna.text.length, letters);
    await until('the server has read it', async () => (await metric(server, 'queued_bytes')) > queued);
    queued = await metric(server, 'queued_bytes');
  }

  const began = performance.now();
  const ended = server.end('SIGTERM');
  await until('it drains', () => server.log.some((line) => line.includes('"event":"draining"')));
  // As npm does, which passes on a signal that its whole group has had: it must not end the drain.
  process.kill(server.pid, 'SIGTERM');
  process.kill(server.pid, 'SIGINT');
  expect(await statusOfUpgrade(`${server.yjs}/${document}`)).toBe(503);
  expect((await fetch(`${server.http}/readyz`)).status).toBe(503);
  expect(ben.text.toJSON()).toBe('one');
  expect([anna, ben].map(({ provider }) => provider.wsconnected)).toEqual([true, true]);
  other.letGo();
  expect(await ended).toEqual({ code: 0, signal: null });
  expect(performance.now() - began).toBeLessThan(maxDrainMs);
  const all = 'one, two, three, four';
  expect(ben.text.toJSON()).toBe(all);
  expect(anna.witness.clockOf(anna.doc.clientID)).toBe(all.length);
  await until('both are told', () => [anna, ben].every(({ witness }) => witness.closeCodes.length > 0));
  expect([anna, ben].map(({ witness }) => witness.closeCodes[0])).toEqual([goingAway, goingAway]);
  expect(storedDocument(folder.path, document).getText('content').toJSON()).toBe(all);
});

it('[DUR6] SIGTERM while many type loses nothing that came back, and the rest arrives at the next start', async () => {
  using folder = temporaryFolder();
  await using server = await ServerProcess.start({ data: folder.path });
  const documents = ['a', 'b', 'c'].map((name) => `notes/${name}`);
  using crowd = new Crowd(documents.flatMap((each) => crowdOf(server, each)));
  await until('all are synced', () => crowd.clients.every(({ provider }) => provider.synced));
  await until('everybody has typed for a while', () => {
    crowd.type();
    return crowd.clients.every((client) => client.witness.clockOf(client.doc.clientID) > 50);
  });
  crowd.type();
  expect(crowd.clients.some(isInFlight)).toBe(true);
  const began = performance.now();
  expect(await server.end('SIGTERM')).toEqual({ code: 0, signal: null });
  expect(performance.now() - began).toBeLessThan(maxDrainMs);
  await until('all are told', () => crowd.clients.every(({ witness }) => witness.closeCodes.length > 0));
  expect(new Set(crowd.clients.map(({ witness }) => witness.closeCodes[0]))).toEqual(new Set([goingAway]));
  for (const each of documents) {
    const received = crowd.of(each).map(({ witness }) => witness.takeReceived());
    expect(containsAll(storedDocument(folder.path, each), received)).toBe(true);
  }

  await using again = await server.restart();
  expect((await fetch(`${again.http}/readyz`)).status).toBe(200);
  await until('nothing is missing', () => !crowd.clients.some(isInFlight));
  for (const each of documents) {
    await until('all agree', () => new Set(crowd.of(each).map(({ text }) => text.toJSON())).size === 1);
  }
});

// npm on Windows passes no signals on.
it.skipIf(process.platform === 'win32')(
  '[DUR6] SIGTERM to npm start drains the server and ends it',
  async () => {
    using folder = temporaryFolder();
    using npm = await npmStart(folder.path);
    using anna = new WatchedClient({ url: `${npm.url.replace('http', 'ws')}/yjs`, document });
    await anna.synced();
    anna.text.insert(0, 'kept');
    await until('it came back', () => anna.witness.clockOf(anna.doc.clientID) === 4);
    const began = performance.now();
    expect(await npm.end('SIGTERM')).toEqual({ code: 0, signal: null });
    expect(performance.now() - began).toBeLessThan(maxDrainMs);
    await until('anna is told', () => anna.witness.closeCodes.length > 0);
    expect(anna.witness.closeCodes[0]).toBe(goingAway);
    await expect(fetch(npm.url)).rejects.toThrow('fetch failed');
    // The folder would be refused if the server were still there.
    await using next = await ServerProcess.start({ data: folder.path });
    using ben = await new WatchedClient({ url: next.yjs, document }).synced();
    expect(ben.text.toJSON()).toBe('kept');
  },
);

it('[RUN5] a port that is in use and an address that is not here are refused with one sentence', async () => {
  using folder = temporaryFolder();
  using another = temporaryFolder();
  await using server = await ServerProcess.start({ data: folder.path });
  const inUse = await refusal({ data: another.path, port: server.port });
  expect(inUse).toContain('port is in use');
  expect(inUse).toContain(String(server.port));
  // An address that is set aside for documentation is nobody's.
  const elsewhere = ['--host', '203.0.113.1', '--insecure'];
  expect(await refusal({ data: another.path, arguments: elsewhere })).toContain('203.0.113.1');
});

/** Clients that all type at once. */
class Crowd implements Disposable {
  readonly clients: readonly WatchedClient[];

  constructor(clients: readonly WatchedClient[]) {
    this.clients = clients;
  }

  type(): void {
    for (const { text } of this.clients) text.insert(text.length, 'words ');
  }

  of(name: string): WatchedClient[] {
    return this.clients.filter(({ provider }) => provider.roomname === name);
  }

  [Symbol.dispose](): void {
    for (const client of this.clients) client[Symbol.dispose]();
  }
}

function crowdOf({ yjs }: ServerProcess, name: string): WatchedClient[] {
  return Array.from({ length: 3 }, () => new WatchedClient({ url: yjs, document: name }));
}

/** Whether something that the client typed has not come back to it. */
function isInFlight({ doc, witness }: WatchedClient): boolean {
  return Y.getState(doc.store, doc.clientID) > witness.clockOf(doc.clientID);
}

/** How the server answers somebody who wants to open a socket. */
async function statusOfUpgrade(url: string): Promise<number | undefined> {
  const socket = new WebSocket(url);
  try {
    return await new Promise((resolve, reject) => {
      socket.once('upgrade', (response) => resolve(response.statusCode));
      socket.once('unexpected-response', (_, response) => resolve(response.statusCode));
      socket.once('error', reject);
    });
  } finally {
    // An answer that came instead of a socket is an error of the socket when it is given up.
    socket.on('error', () => {});
    socket.terminate();
  }
}
