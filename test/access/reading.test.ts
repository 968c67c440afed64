// Whoever may read a document and not write it: everything reaches them, nothing of what they send reaches the file or
// anybody else, and they are told so in their own protocol. And whoever may write, beside them.
import { readAuthMessage } from 'y-protocols/auth';
import { createDecoder, readVarUint } from 'lib0/decoding';
import { afterEach, beforeEach, expect, it } from 'vitest';
import * as Y from 'yjs';
import { StockClient, stockProviders, type StockVersion } from '../support/client.ts';
import { syncFrame } from '../support/frames.ts';
import { GuardedServer } from '../support/guarded-server.ts';
import { NativeClient } from '../support/native-client.ts';
import { RawClient } from '../support/raw-client.ts';
import { SdkClient, settled, textOf, write } from '../support/sdk-client.ts';
import { storedDocument } from '../support/stored-updates.ts';
import { until } from '../support/until.ts';
import { WireClient } from '../support/wire-client.ts';

const document = 'notes/today';
const everything = 'hello, and all that came after';

let guarded: GuardedServer;
let author: SdkClient;
let notes: ReturnType<SdkClient['open']>;
let reading: string;
let writing: string;

beforeEach(async () => {
  guarded = await GuardedServer.start();
  const { server, key } = guarded;
  reading = key.sign({ subject: 'ben', read: ['notes/*'] });
  writing = key.sign({ subject: 'cleo', read: ['**'], write: ['notes/*'] });
  author = new SdkClient({ url: server.sync, token: key.sign({ write: ['**'] }) });
  notes = author.open(document);
  write(notes, 'hello');
  notes.presence.setLocalStateField('name', 'anna');
  await notes.saved();
});

afterEach(async () => {
  await author.client.close();
  await guarded[Symbol.asyncDispose]();
});

/** What the file holds once everything that was said has been taken in. */
async function stored(): Promise<string> {
  await guarded.server.end();
  return storedDocument(guarded.data, document).getText('content').toJSON();
}

async function goOn(): Promise<void> {
  write(notes, everything.slice('hello'.length));
  await notes.saved();
}

function updateOf(letters: string): Uint8Array {
  const doc = new Y.Doc();
  doc.getText('content').insert(0, letters);
  return Y.encodeStateAsUpdate(doc);
}

it('[ACC4] a reader in the SDK sees content and presence, and is told that what it types is not saved', async () => {
  await using ben = new SdkClient({ url: guarded.server.sync, token: reading });
  const his = ben.open(document);
  await his.synced();
  await until('he sees anna', () =>
    [...his.presence.getStates().values()].some(({ name }) => name === 'anna'),
  );
  expect(his.status.uploads).toMatchObject({ isSaved: true, isAllowed: false });
  await his.saved();
  write(his, ' mine');
  await expect(his.saved()).rejects.toMatchObject({ name: 'SyncError', code: 'forbidden' });
  expect(his.status.uploads).toMatchObject({ isSaved: false, isAllowed: false, edits: 1 });
  await goOn();
  await until('he has read on', () => textOf(his).includes(everything.slice('hello'.length)));
  expect(ben.sockets).toBe(1);
  expect(textOf(notes)).toBe(everything);
  expect(await stored()).toBe(everything);
});

it('[ACC4] [SDK6] what a reader had in its document before is never called saved', async () => {
  const doc = new Y.Doc();
  doc.getText('content').insert(0, 'mine');
  await using ben = new SdkClient({ url: guarded.server.sync, token: reading });
  for (const name of [document, 'notes/nothing there']) {
    const his = ben.open(name, { doc: name === document ? doc : copyOf(doc) });
    const saved = settled(his.saved());
    await his.synced();
    await until('he is told', () => saved.is !== 'open');
    expect(saved.is).toBe('rejected');
    expect(his.status.uploads.isSaved).toBe(false);
  }
  expect(await stored()).toBe('hello');
});

it('[ACC4] a reader by the native protocol is told at once, and its batches are not answered', async () => {
  using ben = await NativeClient.connect(guarded.server.sync);
  ben.say({ say: 'hello', lowestVersion: 1, highestVersion: 1, token: reading });
  await ben.hears('welcome');
  ben.open(1, document);
  ben.compare(1, new Y.Doc());
  await ben.hears('caughtUp');
  expect(await ben.hears('access')).toEqual({ say: 'access', channel: 1, level: 'read' });
  expect(ben.document(1).getText('content').toJSON()).toBe('hello');
  await ben.hears('presence');
  ben.updates(1, 1, updateOf(' mine'));
  const mine = new Y.Doc();
  Y.applyUpdate(mine, updateOf(' mine'));
  // Nor is it asked for what it says that it has.
  ben.compare(1, mine);
  await ben.hears('caughtUp', 2);
  await goOn();
  await ben.roundTrip();
  expect([ben.of('stored'), ben.of('ask'), ben.of('refused')]).toEqual([[], [], []]);
  expect(textOf(notes)).toBe(everything);
  expect(await stored()).toBe(everything);
});

it.each(Object.keys(stockProviders) as StockVersion[])(
  '[ACC4] a reader with the stock provider %s stays until it writes, and is told then',
  async (version) => {
    const settings = { url: guarded.server.yjs, document, version, token: reading };
    using ben = new StockClient(settings);
    const reasons: string[] = [];
    const handlers = ben.provider.messageHandlers;
    handlers[2] = (_, decoder, provider) =>
      readAuthMessage(decoder, provider.doc, (_doc, reason) => reasons.push(reason));
    let code: number | undefined;
    ben.provider.on('connection-close', (event) => (code ??= event?.code));
    await ben.synced();
    await goOn();
    await until('he has read on', () => ben.text.toJSON() === everything);
    const { awareness } = ben.provider;
    await until('he sees anna', () =>
      [...awareness.getStates().values()].some((state) => state['name'] === 'anna'),
    );
    expect(code).toBeUndefined();
    ben.text.insert(0, 'mine ');
    await until('he is closed', () => code !== undefined);
    expect(code).toBe(4403);
    expect(reasons[0]).toMatch(/^The principal has no grant for this/);
    // Those before 3.1 do not know that this code is for good.
    expect(ben.provider.shouldConnect).toBe(version !== '3.1');
    ben.provider.disconnect();
    expect(textOf(notes)).toBe(everything);
    expect(await stored()).toBe(everything);
  },
);

it('[ACC4] a reader by y-websocket is sent nothing after its refusal', async () => {
  using reader = await WireClient.open(guarded.server.port, `/yjs/${document}?token=${reading}`);
  reader.send(syncFrame('request', Uint8Array.of(0)));
  await until('it is answered', () => reader.received.includes('hello'));
  expect(reader.received.includes('anna')).toBe(true);
  reader.send(syncFrame('update', updateOf('mine')));
  for (let at = 0; at < 10; at++) await goOn();
  await reader.closed();
  const [denied, close] = reader.frames.slice(-2);
  expect([denied?.payload[0], denied?.payload[1], close?.opcode, reader.closeCode]).toEqual([2, 0, 8, 4403]);
  const auth = createDecoder(denied!.payload);
  expect(readVarUint(auth)).toBe(2);
});

it('[ACC2] whoever may write does, in every dialect', async () => {
  const { server } = guarded;
  await using cleo = new SdkClient({ url: server.sync, token: writing });
  const hers = cleo.open(document);
  write(hers, '1');
  await hers.saved();
  using native = await NativeClient.connect(server.sync);
  native.say({ say: 'hello', lowestVersion: 1, highestVersion: 1, token: writing });
  native.open(1, document);
  native.updates(1, 1, updateOf('2'));
  await native.hears('stored');
  using stock = await new StockClient({ url: server.yjs, document, token: writing }).synced();
  stock.text.insert(0, '3');
  using raw = await RawClient.join(server.yjs, `${document}?token=${writing}`);
  raw.update(updateOf('4'));
  await until('anna has it all', () => ['1', '2', '3', '4'].every((digit) => textOf(notes).includes(digit)));
  expect(await stored()).toBe(textOf(notes));
});

function copyOf(doc: Y.Doc): Y.Doc {
  const copy = new Y.Doc();
  Y.applyUpdate(copy, Y.encodeStateAsUpdate(doc));
  return copy;
}
