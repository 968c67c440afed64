import { defaultMaxFrameBytes } from '@syncline/server/socket/limits.ts';
import { maxListEntries } from '@syncline/shared/wire/field.ts';
import { up } from '@syncline/shared/wire/messages.ts';
import { type Up, upCodec } from '@syncline/shared';
import * as Y from 'yjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Author } from '../core/core.ts';
import { mutate } from '../property/mutate.ts';
import { nestedJson, selfReferring } from '../support/bombs.ts';
import { Bystanders } from '../support/bystanders.ts';
import { NativeClient } from '../support/native-client.ts';
import { SeededRandom } from '../support/random.ts';
import { ServerProcess, temporaryFolder } from '../support/server.ts';

const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 31);

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

describe('an update that cannot be merged', () => {
  it('[NAT2] [DOC7] refuses its channel, by name and number, and the others go on', async () => {
    const updates = {
      nothing: new Uint8Array(0),
      noise: Uint8Array.of(1, 2, 3, 4, 5),
      'large noise': new Uint8Array(100_000).fill(0xff),
      'an item that is its own neighbour': selfReferring(),
      'JSON 500,000 deep': nestedJson(500_000),
    };
    await Bystanders.during(server, async () => {
      using client = await NativeClient.join(server.sync, 'beside');
      using reader = await NativeClient.join(server.sync, 'refused');
      const anna = new Author(1);
      let channel = 1;
      for (const [what, update] of Object.entries(updates)) {
        channel++;
        client.open(channel, 'refused');
        client.compare(channel, new Y.Doc());
        await client.hears('caughtUp', 1, channel);
        client.updates(channel, 1, update);
        // What comes behind it under the same number is not taken in.
        client.updates(channel, 2, new Author(9).type('behind'));
        const { code } = await client.hears('refused', 1, channel);
        expect([what, code]).toEqual([what, 'malformed_update']);
        client.updates(1, channel, anna.type('.'));
        await client.hears('stored', channel - 1, 1);
        expect(client.of('stored', channel)).toEqual([]);
      }
      expect(reader.updatesOf(1)).toEqual([]);
      expect(client.ended).toBeUndefined();
    });
  });

  it('[NAT2] ends its channel among good ones of one batch', async () => {
    using client = await NativeClient.join(server.sync, 'mixed');
    client.updates(1, 1, new Author(1).type('good'), selfReferring(), new Author(2).type('never'));
    expect(await client.hears('refused')).toMatchObject({ channel: 1, code: 'malformed_update' });
    client.open(1, 'mixed');
    client.compare(1, new Y.Doc());
    await client.hears('caughtUp', 2);
    expect(client.document(1).getText('content').toJSON()).toBe('good');
    expect(client.of('stored')).toEqual([]);
  });
});

describe('a frame', () => {
  it('[NAT10] that is too large ends the connection with 4413', async () => {
    await Bystanders.during(server, async () => {
      using client = await NativeClient.greet(server.sync);
      client.send(new Uint8Array(defaultMaxFrameBytes + 1));
      expect((await client.closed).code).toBe(4413);
    });
  });

  it('[NAT10] of millions of entries of nothing is refused by a server that has no memory for them', async () => {
    using small = temporaryFolder();
    await using bounded = await ServerProcess.start({
      data: small.path,
      environment: { NODE_OPTIONS: '--max-old-space-size=200' },
    });
    const frame = new Uint8Array(defaultMaxFrameBytes);
    const count = defaultMaxFrameBytes - 7;
    const digits = [0, 7, 14].map((bits) => ((count >> bits) & 0x7f) | 0x80);
    const beginnings = [
      [up.updates.type, 1, 1],
      [up.presence.type, 1],
    ];
    await Bystanders.during(bounded, async () => {
      for (const beginning of beginnings) {
        frame.fill(0);
        frame.set([...beginning, ...digits, (count >> 21) & 0x7f]);
        using client = await NativeClient.greet(bounded.sync);
        client.send(frame);
        expect((await client.closed).code).toBe(4400);
      }
    });
  });

  it('[NAT10] of as many updates as there may be, each of them nothing, refuses its channel', async () => {
    using client = await NativeClient.join(server.sync, 'full of nothing');
    const updates = Array.from({ length: maxListEntries }, () => Uint8Array.of(0, 0));
    client.updates(1, 1, ...updates);
    expect(await client.hears('stored')).toMatchObject({ from: 1, through: 1 });
    client.updates(1, 2, ...updates.map(() => new Uint8Array(0)));
    expect(await client.hears('refused')).toMatchObject({ channel: 1, code: 'malformed_update' });
  });

  it('[NAT10] with an epoch, a name or a state vector of megabytes is no more than refused', async () => {
    const mebibytes = 15 * 1024 * 1024;
    await Bystanders.during(server, async () => {
      using client = await NativeClient.connect(server.sync);
      client.say({ say: 'hello', lowestVersion: 1, highestVersion: 1, token: '' });
      const { replica } = await client.hears('welcome');
      const epoch = new Uint8Array(mebibytes);
      client.open(1, 'notes', { replica, epoch, position: 1, headSeen: 1 });
      client.open(2, 'notes', { replica: epoch, epoch: replica, position: 1, headSeen: 1 });
      await client.hears('expired', 2);
      client.open(3, 'x'.repeat(mebibytes));
      expect(await client.hears('refused')).toMatchObject({ channel: 3, code: 'bad_document_name' });
      client.say({ say: 'compare', channel: 1, request: epoch, deletions: epoch.subarray(0, 8) });
      expect(await client.hears('refused', 2)).toMatchObject({ channel: 1, code: 'frame_too_large' });
    });
  });
});

/** A message of any kind, or two, that make sense where they are said, more or less. */
function messages(random: SeededRandom, author: Author): readonly Up[] {
  const bytes = (length: number): Uint8Array => Uint8Array.from({ length }, () => random.below(256));
  const channel = random.oneIn(200) ? 0 : 1 + random.below(3);
  const document = `hostile/${random.below(3)}`;
  const position = random.below(5);
  const resume = { replica: bytes(16), epoch: bytes(8), position, headSeen: position };
  const batch = random.below(9);
  const entries = [{ client: random.below(5), clock: random.below(9), state: bytes(9) }];
  const close: Up = { say: 'close', channel };
  const open: Up = {
    say: 'open',
    channel,
    document,
    engine: 'yjs',
    incarnation: 0,
    resume: random.oneIn(2) ? resume : undefined,
  };
  const compare: Up = { say: 'compare', channel, request: author.stateVector, deletions: bytes(8) };
  return random.pick<readonly Up[]>([
    [close, open],
    [close, open, compare],
    [compare],
    [compare, compare, { say: 'verify', channel }],
    [{ say: 'updates', channel, batch, updates: [author.type('x'), bytes(random.below(40))] }],
    [{ say: 'updates', channel, batch, updates: [author.type('x')] }],
    [{ say: 'verify', channel }],
    [{ say: 'presence', channel, entries }],
    random.oneIn(9) ? [{ say: 'hello', lowestVersion: 0, highestVersion: 3, token: 'token' }] : [close],
    [{ say: 'ping' }],
  ]);
}

it(`[NAT10] frames from a generator never end the server, nor hurt anybody else (FUZZ_SEED=${seed})`, async () => {
  const random = new SeededRandom(seed);
  const codes = new Map<number | undefined, number>();
  let heard = 0;
  await Bystanders.during(server, async () => {
    for (let session = 0; session < 300; session++) {
      const author = new Author(session + 1);
      using client = random.oneIn(10)
        ? await NativeClient.connect(server.sync)
        : await NativeClient.greet(server.sync);
      client.open(1, `hostile/${random.below(3)}`);
      client.compare(1, author.document);
      for (let said = 0; said < 40; said++) {
        const frames = messages(random, author).map((message) => upCodec.encode(message));
        for (const frame of frames)
          client.send(random.oneIn(60) ? mutate(random, frame, random.pick(frames)) : frame);
      }
      client.socket.close();
      await client.closed;
      codes.set(client.ended?.code, (codes.get(client.ended?.code) ?? 0) + 1);
      heard += client.heard.length;
    }
  });
  console.info(`FUZZ_SEED=${seed}: closed with`, Object.fromEntries(codes), `after ${heard} messages`);
  // Refused with what it is, and never for a failure of the server's own.
  expect([...codes.keys()].filter((code) => code !== 4400 && code !== 1005)).toEqual([]);
  expect(codes.size).toBe(2);
  expect(heard).toBeGreaterThan(1_000);
  expect(server.log.filter((line) => line.includes('internal-error'))).toEqual([]);
  using after = await NativeClient.join(server.sync, 'after');
  after.updates(1, 1, new Author(1).type('hello'));
  expect(await after.hears('stored')).toMatchObject({ from: 1 });
});
