// What no provider of Hocuspocus would say, said to a real server while others go on.
import { maxWaitingBytes, maxWaitingDocuments } from '@syncline/server/dialect/hocuspocus/limits.ts';
import { maxPresenceEntriesOfChannel } from '@syncline/server/core/limits.ts';
import { defaultMaxFrameBytes } from '@syncline/server/socket/limits.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { mutate } from '../property/mutate.ts';
import { nestedJson, selfReferring } from '../support/bombs.ts';
import { Bystanders } from '../support/bystanders.ts';
import { GuardedServer } from '../support/guarded-server.ts';
import {
  addressed,
  addressedPresence,
  addressedSync,
  closeFrame,
  statelessFrame,
  tokenFrame,
} from '../support/hocuspocus-frames.ts';
import { HocuspocusRawClient } from '../support/hocuspocus-raw-client.ts';
import { metric } from '../support/metric.ts';
import { SeededRandom } from '../support/random.ts';
import { ServerProcess, temporaryFolder } from '../support/server.ts';
import { until } from '../support/until.ts';

const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 31);
/** Sockets that each say garbage until they are closed. */
const babblers = 150;
const framesOfBabbler = 40;

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

const nothingHeld = Uint8Array.of(0);
const hello = ((): Uint8Array => {
  const document = new Y.Doc();
  document.getText('content').insert(0, 'hello');
  return Y.encodeStateAsUpdate(document);
})();

function bytes(...values: number[]): Uint8Array {
  return Uint8Array.from(values);
}

async function join(address = 'hostile', url = server.hocuspocus): Promise<HocuspocusRawClient> {
  const client = await HocuspocusRawClient.open(url);
  client.say(tokenFrame(address, ''), addressedSync(address, 'request', nothingHeld));
  await client.hears('answer');
  return client;
}

/** The code with which a socket ends that says this after it was let in, or of the denial of its document. */
async function outcomeOf(frame: Uint8Array | string): Promise<number | string> {
  using client = await join();
  client.say(frame);
  await until('it is told', () => client.ended !== undefined || client.of('denied').length > 0);
  return client.ended?.code ?? client.of('denied')[0]!.text.split(':')[0]!;
}

/** Says each to the server while bystanders talk; gives the outcomes that are not the one expected. */
async function othersThan(
  expected: number | string,
  frames: Readonly<Record<string, Uint8Array | string>>,
): Promise<Record<string, number | string>> {
  const others: Record<string, number | string> = {};
  await Bystanders.during(server, async () => {
    for (const [what, frame] of Object.entries(frames)) {
      const outcome = await outcomeOf(frame);
      if (outcome !== expected) others[what] = outcome;
    }
  });
  return others;
}

describe('frames', () => {
  it('[HOC12] that are no message of the protocol end their socket with 4400', async () => {
    const others = await othersThan(4400, {
      text: 'hello',
      nothing: bytes(),
      'an address alone': addressed('hostile'),
      'an address that ends too early': bytes(9, 104, 111),
      'an address that is no text': bytes(2, 0xff, 0xfe, 0, 0, 1, 0),
      'a length past all numbers': new Uint8Array(12).fill(0xff),
      'a huge address': addressed('x'.repeat(100_000), 0, 0, nothingHeld),
      'a sync reply of a server': addressed('hostile', 4, 0, nothingHeld),
      'a broadcast of a server': addressed('hostile', 6, 'hello'),
      'a status': addressed('hostile', 8, 1),
      'a ping with an address': addressed('hostile', 9),
      'a message of type 200': addressed('hostile', 200),
      'a sync message of type 3': addressed('hostile', 0, 3, 0),
      'a denial': addressed('hostile', 2, 1, 'no'),
      'a token that ends too early': addressed('hostile', 2, 0, 9),
      'bytes behind a request': addressed('hostile', 0, 0, 1, 0, 0),
      'bytes behind a version': addressed('hostile', 2, 0, 'token', '4.8.0', 0),
      'bytes behind a close': addressed('hostile', 7, 'why', 0),
      'a text that is none': addressed('hostile', 5, 2, bytes(0xff, 0xfe)),
      'one byte that is no ping': bytes(8),
    });
    expect(others).toEqual({});
  });

  it('[HOC12] that are too large end their socket with 4413', async () => {
    await Bystanders.during(server, async () => {
      expect(await outcomeOf(new Uint8Array(defaultMaxFrameBytes + 1))).toBe(4413);
    });
  });

  it('[HOC12] of presence that is malformed, or more than a session may say, end it', async () => {
    const claims = Array.from({ length: maxPresenceEntriesOfChannel + 1 }, (_, client) => ({
      client,
      clock: 1,
      json: '{}',
    }));
    expect(await othersThan(4424, { 'cut short': addressed('hostile', 1, 2, 5, 0) })).toEqual({});
    const tooMany = { 'more than 64 clients': addressedPresence('hostile', claims) };
    expect(await othersThan('malformed_presence', tooMany)).toEqual({});
  });

  it('[HOC5] [CHK2] [DOC7] of updates that the engine cannot merge have their document denied', async () => {
    const updates = {
      nothing: bytes(),
      noise: bytes(1, 2, 3, 4, 5),
      'large noise': new Uint8Array(100_000).fill(0xff),
      'an item that is its own neighbour': selfReferring(),
      'an update cut short': hello.subarray(0, -3),
      'JSON 5,000 deep': nestedJson(5_000),
    };
    const frames = Object.entries(updates).flatMap(([what, update]) => [
      [what, addressedSync('hostile', 'update', update)] as const,
      [`${what}, as an answer`, addressedSync('hostile', 'answer', update)] as const,
    ]);
    expect(await othersThan('malformed_update', Object.fromEntries(frames))).toEqual({});
    const request = addressedSync('hostile', 'request', bytes(5, 1));
    expect(await othersThan('bad_frame', { 'a state vector cut short': request })).toEqual({});
  });

  it(`[HOC12] of any kind hurt nobody else (FUZZ_SEED=${seed})`, async () => {
    const random = new SeededRandom(seed);
    const samples = [
      tokenFrame('fuzzed', ''),
      addressed('fuzzed', 2, 0, 'token'),
      addressedSync('fuzzed', 'request', nothingHeld),
      addressedSync('fuzzed', 'update', hello),
      addressedSync('fuzzed', 'answer', hello),
      addressedPresence('fuzzed', [{ client: 1, clock: 1, json: '{}' }]),
      addressed('fuzzed\0session', 3),
      statelessFrame('fuzzed', 'hello'),
      closeFrame('fuzzed'),
      bytes(9),
    ];
    const before = await metric(server, 'connections');
    await Bystanders.during(server, async () => {
      for (let babbler = 0; babbler < babblers; babbler++) {
        using client = await join('fuzzed');
        for (let said = 0; said < framesOfBabbler; said++)
          client.say(mutate(random, random.pick(samples), random.pick(samples)));
        // What is behind all that is answered, or it was closed.
        client.say(bytes(9));
        client.socket.ping();
        let isHeard = false;
        client.socket.once('pong', () => (isHeard = true));
        await until('it has been heard', () => isHeard || client.ended !== undefined);
      }
    });
    await until('all are gone', async () => (await metric(server, 'connections')) <= before);
    expect(server.log.filter((line) => line.includes('internal-error'))).toEqual([]);
  });
});

describe('documents', () => {
  it('[HOC5] [RUN6] with a name that is none are denied, and the socket stays', async () => {
    using client = await join();
    for (const name of ['', 'a\u0001b', 'x'.repeat(513), '\0session']) {
      const denials = client.of('denied').length;
      client.say(tokenFrame(name, ''));
      const { address, text } = await client.hears('denied', denials + 1);
      expect([address, text.split(':')[0]]).toEqual([name, 'bad_document_name']);
    }
    client.say(addressedSync('hostile', 'update', hello));
    await client.hears('status');
  });

  it('[HOC12] that wait for a token are bounded in number', async () => {
    await using guarded = await GuardedServer.start();
    using client = await HocuspocusRawClient.open(guarded.server.hocuspocus);
    for (let at = 0; at < maxWaitingDocuments; at++)
      client.say(addressedSync(`waiting/${at}`, 'request', nothingHeld));
    client.say(tokenFrame('waiting/0', guarded.key.sign({ write: ['**'] })));
    await client.hears('answer');
    client.say(
      addressedSync('one more', 'request', nothingHeld),
      addressedSync('two', 'request', nothingHeld),
    );
    expect((await client.closed).code).toBe(4429);
  });

  it('[HOC12] [LIM1] of somebody who says no token are bounded in bytes', async () => {
    await using guarded = await GuardedServer.start();
    const update = addressedSync('waiting', 'update', new Uint8Array(100_000));
    await Bystanders.during(server, async () => {
      using client = await HocuspocusRawClient.open(guarded.server.hocuspocus);
      for (let said = 0; said < maxWaitingBytes; said += update.length) client.say(update);
      expect((await client.closed).code).toBe(4413);
    });
  });

  it('[HOC12] [ACC1] that are asked for with one bad token after another are denied each time, until it is too much', async () => {
    await using guarded = await GuardedServer.start();
    const forged = guarded.key.forge({ write: ['**'] });
    await Bystanders.during(server, async () => {
      using client = await HocuspocusRawClient.open(guarded.server.hocuspocus);
      const rounds = 3_000;
      for (let times = 0; times < rounds; times++) client.say(tokenFrame('notes', forged));
      await client.hears('denied', rounds);
      const long = tokenFrame('notes', 'x'.repeat(4_000));
      for (let said = 0; said < maxWaitingBytes; said += long.length) client.say(long);
      expect((await client.closed).code).toBe(4413);
    });
  });
});
