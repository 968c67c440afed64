import { maxPresenceStateBytes } from '@syncline/server/core/limits.ts';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Author } from '../core/core.ts';
import { StockClient } from '../support/client.ts';
import { NativeClient } from '../support/native-client.ts';
import { ServerProcess, temporaryFolder } from '../support/server.ts';
import { until } from '../support/until.ts';

let folder: ReturnType<typeof temporaryFolder>;
let server: ServerProcess;

beforeAll(async () => {
  folder = temporaryFolder();
  server = await ServerProcess.start({ data: folder.path });
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

function state(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

/** The last that was heard of a client in channel 1: its state, or null when it has left. */
function lastOf(client: NativeClient, id: number): unknown {
  const entry = client
    .of('presence', 1)
    .flatMap(({ entries }) => entries)
    .findLast((each) => each.client === id);
  if (!entry) return undefined;
  return entry.state ? JSON.parse(new TextDecoder().decode(entry.state)) : null;
}

it('[NAT9] is seen by a stock client, and is gone with the socket', async () => {
  using stock = await new StockClient({ url: server.yjs, document: 'seen' }).synced();
  const { awareness } = stock.provider;
  {
    using native = await NativeClient.join(server.sync, 'seen');
    const say = (clock: number, name: string): void =>
      native.say({
        say: 'presence',
        channel: 1,
        entries: [{ client: 7, clock, state: state({ name, at: 'ü' }) }],
      });
    say(1, 'Anna');
    await until('it is seen', () => awareness.getStates().get(7)?.['name'] === 'Anna');
    expect(awareness.getStates().get(7)).toEqual({ name: 'Anna', at: 'ü' });
    say(2, 'Anna B');
    await until('it has changed', () => awareness.getStates().get(7)?.['name'] === 'Anna B');
  }
  await until('it is gone', () => !awareness.getStates().has(7));
});

it('[NAT9] of a stock client is seen, and is gone with its socket', async () => {
  using native = await NativeClient.join(server.sync, 'seen back');
  using stock = await new StockClient({ url: server.yjs, document: 'seen back' }).synced();
  const id = stock.doc.clientID;
  const present = { name: 'Ben', cursor: { at: 3 } };
  stock.provider.awareness.setLocalState(present);
  await until('it is seen', () => lastOf(native, id) !== undefined);
  expect(lastOf(native, id)).toEqual(present);
  // Whoever comes later is told at once.
  using late = await NativeClient.join(server.sync, 'seen back');
  await late.hears('presence');
  expect(lastOf(late, id)).toEqual(present);
  // As a page that is closed goes: without a word.
  stock.provider.shouldConnect = false;
  stock.provider.ws?.close();
  await until('it is gone', () => lastOf(native, id) === null && lastOf(late, id) === null);
});

it('[NAT9] is gone when the channel is closed, or the client says so, and stays in other documents', async () => {
  using reader = await NativeClient.join(server.sync, 'left');
  using native = await NativeClient.join(server.sync, 'left');
  native.open(2, 'stays');
  reader.open(2, 'stays');
  for (const channel of [1, 2]) {
    const entries = [7, 8].map((client) => ({ client, clock: 1, state: state(client) }));
    native.say({ say: 'presence', channel, entries });
  }
  await until('they are seen', () => [7, 8].every((client) => lastOf(reader, client) === client));
  native.say({ say: 'presence', channel: 1, entries: [{ client: 7, clock: 2, state: undefined }] });
  await until('one is gone', () => lastOf(reader, 7) === null);
  native.say({ say: 'close', channel: 1 });
  await until('the other is gone', () => lastOf(reader, 8) === null);
  const elsewhere = reader.of('presence', 2).flatMap(({ entries }) => entries);
  expect(new Set(elsewhere.map(({ client }) => client))).toEqual(new Set([7, 8]));
  expect(elsewhere.every((entry) => entry.state !== undefined)).toBe(true);
});

it('[NAT9] [NAT2] over its limits ends its channel alone', async () => {
  using native = await NativeClient.join(server.sync, 'over');
  native.open(2, 'beside');
  const large = new Uint8Array(maxPresenceStateBytes + 1).fill(0x20);
  native.say({ say: 'presence', channel: 2, entries: [{ client: 7, clock: 1, state: large }] });
  expect(await native.hears('refused')).toMatchObject({ channel: 2, code: 'malformed_presence' });
  native.updates(1, 1, new Author(1).type('hello'));
  await native.hears('stored');
});
