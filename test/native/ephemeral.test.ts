// Messages to all who have a document open, frame by frame.
import { maxEphemeralNameLength } from '@syncline/server/core/limits.ts';
import { maxEphemeralBytes, type Up } from '@syncline/shared';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { NativeClient } from '../support/native-client.ts';
import { ServerProcess, temporaryFolder } from '../support/server.ts';
import { TokenKey } from '../support/tokens.ts';

type Message = Extract<Up, { say: 'ephemeral' }>;

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

function message(count: number, changes: Partial<Message> = {}): Message {
  const data = Uint8Array.of(count, 2, 3);
  return { say: 'ephemeral', channel: 1, sender: 'anna', session: 'a1', count, data, ...changes };
}

it('[NAT13] is heard by every other channel of the document as it was said, and by nobody else', async () => {
  using anna = await NativeClient.join(server.sync, 'heard');
  using ben = await NativeClient.join(server.sync, 'heard');
  using cleo = await NativeClient.join(server.sync, 'not heard');
  // Before it has said what it holds, and of the same session.
  anna.open(300, 'heard');
  ben.open(300, 'heard');
  await Promise.all([anna.roundTrip(), ben.roundTrip()]);
  anna.say(message(1));
  await Promise.all([ben.hears('ephemeral', 2), anna.hears('ephemeral', 1)]);
  for (const client of [anna, ben, cleo]) await client.roundTrip();
  expect(ben.of('ephemeral')).toEqual([message(1), message(1, { channel: 300 })]);
  expect(anna.of('ephemeral')).toEqual([message(1, { channel: 300 })]);
  expect(cleo.of('ephemeral')).toEqual([]);
});

it('[NAT13] said again, or with a lower count, is not heard again', async () => {
  using anna = await NativeClient.join(server.sync, 'again');
  using ben = await NativeClient.join(server.sync, 'again');
  for (const count of [2, 2, 1, 3]) anna.say(message(count));
  anna.say(message(1, { session: 'a2' }));
  anna.say(message(1, { sender: 'anne' }));
  await ben.hears('ephemeral', 4);
  await anna.roundTrip();
  await ben.roundTrip();
  expect(ben.of('ephemeral').map(({ sender, session, count }) => [sender, session, count])).toEqual([
    ['anna', 'a1', 2],
    ['anna', 'a1', 3],
    ['anna', 'a2', 1],
    ['anne', 'a1', 1],
  ]);
});

it.each<[what: string, changes: Partial<Message>]>([
  ['of too many bytes', { data: new Uint8Array(maxEphemeralBytes + 1) }],
  ['of a sender with too long a name', { sender: 'x'.repeat(maxEphemeralNameLength + 1) }],
  ['of a session with too long a name', { session: 'x'.repeat(maxEphemeralNameLength + 1) }],
])('[NAT13] [NAT2] %s ends its channel alone', async (what, changes) => {
  using anna = await NativeClient.join(server.sync, what);
  using ben = await NativeClient.join(server.sync, what);
  anna.open(2, what);
  anna.say(message(1, changes));
  expect(await anna.hears('refused')).toMatchObject({ channel: 1, code: 'ephemeral_too_large' });
  anna.say(message(2, { channel: 2, data: new Uint8Array(maxEphemeralBytes) }));
  expect(await ben.hears('ephemeral')).toMatchObject({ count: 2 });
  expect(ben.of('ephemeral')).toHaveLength(1);
});

it('[NAT13] about a channel that is not open is ignored, and about channel 0 ends the connection', async () => {
  using anna = await NativeClient.join(server.sync, 'ignored');
  anna.say(message(1, { channel: 9 }));
  await anna.roundTrip();
  anna.say(message(2, { channel: 0 }));
  expect((await anna.closed).code).toBe(4400);
});

it('[NAT13] [ACC4] may be said and heard by whoever may read, and by nobody who may not', async () => {
  using own = temporaryFolder();
  const key = new TokenKey(own.path);
  await using guarded = await ServerProcess.start({ data: own.path, arguments: key.arguments });
  const join = async (claims: Parameters<TokenKey['sign']>[0]): Promise<NativeClient> => {
    const client = await NativeClient.connect(guarded.sync);
    client.say({ say: 'hello', lowestVersion: 1, highestVersion: 1, token: key.sign(claims) });
    await client.hears('welcome');
    client.open(1, 'guarded');
    await client.roundTrip();
    return client;
  };
  using writer = await join({ write: ['guarded'] });
  using reader = await join({ read: ['guarded'] });
  using stranger = await join({ read: ['something else'] });
  reader.say(message(1));
  stranger.say(message(1, { sender: 'stranger' }));
  await writer.hears('ephemeral');
  await stranger.roundTrip();
  await writer.roundTrip();
  expect(writer.of('ephemeral')).toEqual([message(1)]);
  expect(stranger.of('ephemeral')).toEqual([]);
});

it('[NAT14] a document that is opened under the name of no engine is refused alone', async () => {
  using anna = await NativeClient.join(server.sync, 'beside');
  for (const [index, engine] of ['', 'YJS', 'yjs ', 'constructor'].entries()) {
    anna.say({
      say: 'open',
      channel: 2 + index,
      document: 'beside',
      engine,
      incarnation: 0,
      resume: undefined,
    });
    expect(await anna.hears('refused', index + 1)).toMatchObject({
      channel: 2 + index,
      code: 'wrong_engine',
    });
  }
  anna.say(message(1));
  await anna.roundTrip();
  expect(anna.ended).toBeUndefined();
});
