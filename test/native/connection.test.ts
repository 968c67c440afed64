import { defaultMaxDocumentsPerSocket as maxChannels } from '@syncline/server/socket/limits.ts';
import { signOfLifeMs, type Up, upCodec } from '@syncline/shared';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Author } from '../core/core.ts';
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

function hello(lowestVersion: number, highestVersion: number): Up {
  return { say: 'hello', lowestVersion, highestVersion, token: '' };
}

/** Whether it was refused as a whole with this code, in words and in how it closes. */
async function refusedWith(client: NativeClient): Promise<readonly (string | number)[]> {
  const { code } = await client.closed;
  return [...client.of('refused', 0).map((refused) => refused.code), code];
}

describe('the hello', () => {
  it.each(['full', 'normal'] as const)(
    '[NAT1] is answered with version, replica, epoch and durability %s',
    async (durability) => {
      using data = temporaryFolder();
      const settings = {
        data: data.path,
        arguments: ['--durability', durability, '--max-frame', '123456'],
      };
      await using first = await ServerProcess.start(settings);
      using client = await NativeClient.greet(first.sync);
      using other = await NativeClient.greet(first.sync);
      const [welcome, same] = [client.of('welcome')[0]!, other.of('welcome')[0]!];
      expect(welcome).toMatchObject({ version: 1, durability, maxFrameBytes: 123_456 });
      expect([welcome.replica.length, welcome.epoch.length]).toEqual([16, 8]);
      expect(same).toEqual(welcome);
      await first.end();
      await using second = await first.restart();
      using back = await NativeClient.greet(second.sync);
      expect(back.of('welcome')[0]).toEqual({ ...welcome, epoch: back.of('welcome')[0]!.epoch });
      expect(back.of('welcome')[0]!.epoch).not.toEqual(welcome.epoch);
    },
  );

  it('[NAT1] names the versions that the client speaks, and is answered where one of them is spoken here', async () => {
    using client = await NativeClient.connect(server.sync);
    client.say(hello(0, 9));
    expect(await client.hears('welcome')).toMatchObject({ version: 1 });
  });

  it.each([
    [2, 5],
    [0, 0],
    [3, 1],
  ])('[NAT1] of versions %i to %i ends the connection', async (lowest, highest) => {
    using client = await NativeClient.connect(server.sync);
    client.say(hello(lowest, highest));
    expect(await refusedWith(client)).toEqual(['unsupported_version', 4406]);
    expect(client.of('welcome')).toEqual([]);
  });

  it('[NAT1] is the first message: anything else ends the connection', async () => {
    const messages: readonly Up[] = [
      { say: 'ping' },
      { say: 'open', channel: 1, document: 'notes', engine: 'yjs', incarnation: 0, resume: undefined },
      { say: 'verify', channel: 1 },
    ];
    for (const message of messages) {
      using client = await NativeClient.connect(server.sync);
      client.say(message);
      expect(await refusedWith(client)).toEqual(['bad_frame', 4400]);
    }
  });

  it('[NAT1] may be followed at once by what belongs behind it', async () => {
    using client = await NativeClient.connect(server.sync);
    const update = new Author(1).type('hello');
    client.say(hello(1, 1));
    client.open(1, 'at once');
    client.updates(1, 1, update);
    client.say({ say: 'ping' });
    await client.hears('stored');
    expect(client.heard[0]?.say).toBe('welcome');
  });

  it('[NAT10] said twice ends the connection', async () => {
    using client = await NativeClient.greet(server.sync);
    client.say(hello(1, 1));
    expect(await refusedWith(client)).toEqual(['bad_frame', 4400]);
  });

  it('[NAT1] that never comes ends the connection, and a quiet one is told of life unasked', async () => {
    using silent = await NativeClient.connect(server.sync);
    using quiet = await NativeClient.greet(server.sync);
    const began = performance.now();
    expect((await silent.closed).code).toBe(1008);
    expect(silent.heard).toMatchObject([{ say: 'refused', channel: 0, code: 'silent' }]);
    await until('a sign of life has come', () => quiet.of('pong').length > 0, 2 * signOfLifeMs);
    expect(performance.now() - began).toBeLessThan(signOfLifeMs + 1_000);
    expect(quiet.ended).toBeUndefined();
  });
});

describe('a frame', () => {
  it('[NAT1] of text ends the connection', async () => {
    for (const text of ['hello', '', String.fromCharCode(0, 1, 1, 0)]) {
      using client = await NativeClient.connect(server.sync);
      client.send(text);
      expect((await client.closed).code).toBe(4400);
    }
  });

  it('[NAT10] that cannot be read ends the connection', async () => {
    const ping = upCodec.encode({ say: 'ping' });
    const frames = {
      nothing: new Uint8Array(0),
      'an unknown type': Uint8Array.of(99),
      'a type of a server': Uint8Array.of(10),
      'a message cut short': Uint8Array.of(1, 1),
      'a message with bytes after it': Uint8Array.of(...ping, 0),
      'two messages': Uint8Array.of(...ping, ...ping),
      'a number without an end': new Uint8Array(30).fill(0xff),
      'a list that claims more than there is': Uint8Array.of(3, 1, 1, 0xff, 0xff, 0xff, 0x7f),
    };
    for (const [what, frame] of Object.entries(frames)) {
      using client = await NativeClient.greet(server.sync);
      client.send(frame);
      expect([what, ...(await refusedWith(client))]).toEqual([what, 'bad_frame', 4400]);
    }
  });

  it('[NAT10] about channel 0 ends the connection', async () => {
    const messages: readonly Up[] = [
      { say: 'open', channel: 0, document: 'notes', engine: 'yjs', incarnation: 0, resume: undefined },
      { say: 'compare', channel: 0, request: Uint8Array.of(0), deletions: new Uint8Array(8) },
      { say: 'updates', channel: 0, batch: 1, updates: [] },
      { say: 'verify', channel: 0 },
      { say: 'presence', channel: 0, entries: [] },
      { say: 'close', channel: 0 },
    ];
    for (const message of messages) {
      using client = await NativeClient.greet(server.sync);
      client.say(message);
      expect([message.say, ...(await refusedWith(client))]).toEqual([message.say, 'bad_frame', 4400]);
    }
  });

  it('[NAT11] that is a ping is answered', async () => {
    using client = await NativeClient.greet(server.sync);
    client.say({ say: 'ping' });
    await client.hears('pong');
    expect(client.heard.map(({ say }) => say)).toEqual(['welcome', 'pong']);
  });
});

describe('channels', () => {
  it('[NAT10] opened twice end the connection', async () => {
    using client = await NativeClient.greet(server.sync);
    client.open(1, 'twice');
    client.open(1, 'twice');
    expect(await refusedWith(client)).toEqual(['bad_frame', 4400]);
  });

  it('[NAT2] that were closed give their number back, and hear no more of their document', async () => {
    const anna = new Author(1);
    using writer = await NativeClient.join(server.sync, 'reopened/one');
    using reader = await NativeClient.join(server.sync, 'reopened/one');
    reader.say({ say: 'close', channel: 1 });
    reader.open(1, 'reopened/two');
    await reader.roundTrip();
    writer.updates(1, 1, anna.type('one'));
    await writer.hears('stored');
    reader.compare(1, new Author(2).document);
    await reader.hears('caughtUp', 2);
    expect(reader.updatesOf(1)).toEqual([]);
    reader.say({ say: 'close', channel: 1 });
    reader.open(1, 'reopened/one');
    reader.compare(1, new Author(2).document);
    await reader.hears('caughtUp', 3);
    expect(reader.document(1).getText('content').toJSON()).toBe('one');
  });

  it('[NAT2] that are not open may be spoken of', async () => {
    using client = await NativeClient.join(server.sync, 'spoken of');
    client.updates(7, 1, new Author(1).type('hello'));
    client.compare(7, new Author(1).document);
    client.say({ say: 'verify', channel: 7 });
    client.say({ say: 'presence', channel: 7, entries: [] });
    client.say({ say: 'close', channel: 7 });
    await client.roundTrip();
    expect(client.heard.filter((message) => 'channel' in message && message.channel === 7)).toEqual([]);
    expect(client.ended).toBeUndefined();
  });

  it('[NAT10] are refused past as many as there may be, and the others stay', async () => {
    using client = await NativeClient.greet(server.sync);
    for (let channel = 1; channel <= maxChannels + 1; channel++) client.open(channel, `many/${channel}`);
    expect(await client.hears('refused')).toMatchObject({
      channel: maxChannels + 1,
      code: 'too_many_channels',
    });
    for (const channel of [1, maxChannels]) {
      client.updates(channel, 1, new Author(1).type('hello'));
      await client.hears('stored', 1, channel);
    }
    client.say({ say: 'close', channel: 9 });
    client.open(maxChannels + 1, 'in its place');
    client.compare(maxChannels + 1, new Author(1).document);
    await client.hears('caughtUp', 1, maxChannels + 1);
    expect(client.of('refused')).toHaveLength(1);
  });

  it.each([
    ['too long', 'x'.repeat(513)],
    ['empty', ''],
    ['with a control character', 'a\nb'],
  ])('[NAT2] [RUN6] with a name that is %s are refused alone', async (_, name) => {
    using client = await NativeClient.join(server.sync, 'beside');
    client.open(2, name);
    expect(await client.hears('refused')).toMatchObject({ channel: 2, code: 'bad_document_name' });
    client.open(2, 'x'.repeat(512));
    client.compare(2, new Author(1).document);
    await client.hears('caughtUp', 1, 2);
    client.updates(1, 1, new Author(1).type('hello'));
    await client.hears('stored', 1, 1);
    expect(client.ended).toBeUndefined();
  });
});
