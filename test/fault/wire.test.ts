import * as Y from 'yjs';
import { expect, it } from 'vitest';
import { StockClient } from '../support/client.ts';
import { metric } from '../support/metric.ts';
import { RawClient } from '../support/raw-client.ts';
import { ServerProcess, temporaryFolder } from '../support/server.ts';
import { until } from '../support/until.ts';
import { Witness } from '../support/witness.ts';

const emptyUpdate = [0, 0];

/** Typed by several people, a page at a time: some megabytes. */
function largeDocument(): { document: Y.Doc; updates: Uint8Array[] } {
  const document = new Y.Doc();
  const updates: Uint8Array[] = [];
  document.on('update', (update: Uint8Array) => updates.push(update));
  const text = document.getText('content');
  for (let page = 0; page < 400; page++) {
    document.clientID = 1 + (page % 7);
    text.insert((page * 7_919) % (text.length + 1), `page ${page} `.padEnd(10_000, 'lorem ipsum '));
  }
  return { document, updates };
}

async function storeLarge(server: ServerProcess, name: string): Promise<Y.Doc> {
  const { document, updates } = largeDocument();
  using writer = await RawClient.open(server.yjs, name);
  await writer.pour(updates);
  await until('it is stored', async () => (await metric(server, 'updates_applied_total')) >= updates.length);
  await until('it is compacted', async () => (await metric(server, 'compactions_total{outcome="done"}')) > 0);
  return document;
}

it('[YWS3] each frame of a busy session holds one message', async () => {
  using folder = temporaryFolder();
  await using server = await ServerProcess.start({ data: folder.path });
  const settings = { url: server.yjs, document: 'busy' };
  using reader = await RawClient.join(server.yjs, 'busy');
  const clients: StockClient[] = [];
  try {
    for (let at = 0; at < 5; at++) clients.push(await new StockClient(settings).synced());
    let length = 0;
    for (let round = 0; round < 100; round++) {
      for (const { text, doc, provider } of clients) {
        text.insert(0, 'x');
        if (round % 10 === 0) text.delete(0, 1);
        provider.awareness.setLocalStateField('cursor', { round, client: doc.clientID });
      }
      // A request for who is present, and one for the document, in between.
      if (round % 20 === 0) for (const frame of [[3], [0, 0, 1, 0]]) reader.send(Uint8Array.from(frame));
      // Each tenth round everybody takes back what they typed.
      if (round % 10 !== 0) length += clients.length;
      await until('it has arrived', () => clients.every(({ text }) => text.length === length));
    }
    using late = await (await RawClient.join(server.yjs, 'busy')).answered();
    expect(late.frames.filter(({ hasBytesLeft }) => hasBytesLeft)).toEqual([]);
    await until('the reader has all', () => reader.text().length === length);
  } finally {
    for (const client of clients) client[Symbol.dispose]();
  }
  const kinds = new Set(reader.frames.map(({ kind }) => kind));
  expect(kinds).toEqual(new Set(['request', 'answer', 'update', 'presence']));
  expect(reader.frames.length).toBeGreaterThan(100);
  expect(reader.frames.filter(({ hasBytesLeft }) => hasBytesLeft)).toEqual([]);
});

it('[YWS4] a stock client that says nothing stays connected, for data comes to it', async () => {
  using folder = temporaryFolder();
  await using server = await ServerProcess.start({ data: folder.path });
  using stock = new StockClient({ url: server.yjs, document: 'quiet' });
  const witness = new Witness(stock);
  stock.provider.awareness.setLocalState(null);
  await stock.synced();
  using raw = await (await RawClient.join(server.yjs, 'quiet')).answered();
  const signs = (): number => raw.bodies('presence').filter((body) => body.length === 1).length;
  const times: number[] = [performance.now()];
  // The client closes a socket on which nothing has come for 30 s: the third sign is past that.
  await until(
    'three life signs have come',
    () => {
      if (signs() === times.length) times.push(performance.now());
      return times.length === 4;
    },
    60_000,
  );
  for (const [sign, time] of times.slice(1).entries()) expect(time - times[sign]!).toBeLessThan(20_000);
  expect(times[3]! - times[0]!).toBeGreaterThan(30_000);
  expect([witness.connections, witness.closeCodes]).toEqual([1, []]);
  expect(stock.provider.wsconnected).toBe(true);
});

it('[YWS5] a large document comes as updates of bounded size and then an empty answer', async () => {
  using folder = temporaryFolder();
  await using server = await ServerProcess.start({ data: folder.path });
  const document = await storeLarge(server, 'large');
  using stock = await new StockClient({ url: server.yjs, document: 'large' }).synced();
  expect(stock.text.toJSON()).toBe(document.getText('content').toJSON());
  using raw = await (await RawClient.join(server.yjs, 'large')).answered();
  expect(raw.text()).toBe(document.getText('content').toJSON());
  const sync = raw.frames.filter(({ kind }) => kind !== 'presence');
  expect(sync[0]?.kind).toBe('request');
  expect(sync.slice(1, -1).every(({ kind }) => kind === 'update')).toBe(true);
  expect(sync.length).toBeGreaterThan(10);
  expect([...sync.at(-1)!.body]).toEqual(emptyUpdate);
  expect(raw.largestFrameBytes).toBeLessThan(1024 * 1024);
});

it('[ENG6] a client that reconnects to a large document that it has is sent next to nothing', async () => {
  using folder = temporaryFolder();
  await using server = await ServerProcess.start({ data: folder.path });
  const document = await storeLarge(server, 'large');
  using stock = new StockClient({ url: server.yjs, document: 'large' });
  const witness = new Witness(stock);
  await stock.synced();
  stock.provider.disconnect();
  await until('nobody is connected', async () => (await metric(server, 'connections')) === 0);
  witness.received.length = 0;
  stock.provider.connect();
  await stock.synced();
  expect(witness.connections).toBe(2);
  const received = witness.received.reduce((sum, { length }) => sum + length, 0);
  const whole = Y.encodeStateAsUpdate(document).length;
  // What has not been compacted yet is left out too, for it holds no deletion.
  expect(received).toBeLessThan(whole / 1_000);
});
