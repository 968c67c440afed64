import { maxPresenceEntriesOfChannel, maxPresenceStateBytes } from '@syncline/server/core/limits.ts';
import { defaultMaxFrameBytes } from '@syncline/server/socket/limits.ts';
import * as Y from 'yjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nestedJson, selfReferring } from '../support/bombs.ts';
import { Bystanders } from '../support/bystanders.ts';
import { StockClient } from '../support/client.ts';
import { presenceFrame, syncFrame } from '../support/frames.ts';
import { RawClient } from '../support/raw-client.ts';
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

/** The code with which a session ends that says this after it was let in. */
async function codeFor(frame: Uint8Array | string): Promise<number> {
  using client = await (await RawClient.join(server.yjs, 'hostile')).answered();
  client.send(frame);
  return (await client.closed).code;
}

/** Sends each to the server while bystanders talk; gives the codes that are not the one expected. */
async function othersThan(
  code: number,
  frames: Readonly<Record<string, Uint8Array | string>>,
): Promise<Record<string, number>> {
  const others: Record<string, number> = {};
  await Bystanders.during(server, async () => {
    for (const [what, frame] of Object.entries(frames)) {
      const got = await codeFor(frame);
      if (got !== code) others[what] = got;
    }
  });
  return others;
}

function bytes(...values: number[]): Uint8Array {
  return Uint8Array.from(values);
}

const request = syncFrame('request', bytes(0));
const hello = ((): Uint8Array => {
  const document = new Y.Doc();
  document.getText('content').insert(0, 'hello');
  return Y.encodeStateAsUpdate(document);
})();

describe('frames', () => {
  it('[YWS6] that are text, or no message of the protocol, end their session with 4400', async () => {
    const others = await othersThan(4400, {
      text: 'hello',
      'empty text': '',
      nothing: bytes(),
      'an authentication message': bytes(2, 0, 0),
      'a message of type 4': bytes(4),
      'a message of type 102': bytes(102, 1, 0),
      'a message of type 200': bytes(200, 1, 0),
      'a type that is no number': new Uint8Array(12).fill(0xff),
      'a sync message of type 3': bytes(0, 3, 1, 0),
      'a sync message of type 90': bytes(0, 90, 0),
    });
    expect(others).toEqual({});
  });

  it('[YWS6] that end too early end their session with 4400', async () => {
    const others = await othersThan(4400, {
      'after the type': bytes(0),
      'before the length': bytes(0, 0),
      'within the length': bytes(0, 2, 0xff),
      'within the body': request.subarray(0, -1),
      'far within the body': bytes(0, 2, 0xff, 0xff, 0xff, 0x07, 1, 2, 3),
      'with a length past all numbers': bytes(0, 2, ...new Uint8Array(9).fill(0xff), 1),
      'within presence': bytes(1, 5, 1),
      'within a state vector': syncFrame('request', bytes(5, 1)),
    });
    expect(others).toEqual({});
  });

  it('[YWS6] that go on after their message end their session with 4400, and have done nothing', async () => {
    const update = syncFrame('update', hello);
    const others = await othersThan(4400, {
      'a request': bytes(...request, 0),
      'an update': bytes(...update, 0),
      'two messages': bytes(...update, ...update),
      presence: bytes(1, 1, 0, 0),
      'a request for presence': bytes(3, 0),
    });
    expect(others).toEqual({});
    using reader = await (await RawClient.join(server.yjs, 'hostile')).answered();
    expect(reader.text()).toBe('');
  });

  it('[YWS7] that are too large end their session with 4413, which the sender sees', async () => {
    const small = temporaryFolder();
    await using bounded = await ServerProcess.start({
      data: small.path,
      arguments: ['--max-frame', '100000'],
    });
    await Bystanders.during(server, async () => {
      expect(await codeFor(new Uint8Array(64 * 1024 * 1024))).toBe(4413);
      expect(await codeFor(new Uint8Array(defaultMaxFrameBytes + 1))).toBe(4413);
      // A frame of the very size is read, and this one is not a message.
      expect(await codeFor(new Uint8Array(defaultMaxFrameBytes).fill(0xff))).toBe(4400);
    });
    for (const [size, code] of [
      [100_001, 4413],
      [64 * 1024 * 1024, 4413],
      [100_000, 4400],
    ] as const) {
      using client = await (await RawClient.join(bounded.yjs, 'hostile')).answered();
      client.send(new Uint8Array(size).fill(0xff));
      expect((await client.closed).code).toBe(code);
    }
    small[Symbol.dispose]();
  });

  it('[YWS7] that are too large in many fragments end their session with 4413', async () => {
    using client = await (await RawClient.join(server.yjs, 'hostile')).answered();
    const fragment = new Uint8Array(1024 * 1024);
    for (let sent = 0; sent <= defaultMaxFrameBytes; sent += fragment.length) {
      client.socket.send(fragment, { fin: false });
    }
    expect((await client.closed).code).toBe(4413);
  });
});

describe('updates and presence', () => {
  it('[CHK2] [DOC7] that the engine cannot merge end their session with 4422', async () => {
    const updates = {
      nothing: bytes(),
      noise: bytes(1, 2, 3, 4, 5),
      'large noise': new Uint8Array(100_000).fill(0xff),
      'an item that is its own neighbour': selfReferring(),
      'an update cut short': hello.subarray(0, -3),
      'bytes after the end': bytes(...hello, 0),
      'JSON 5,000 deep': nestedJson(5_000),
      'JSON 500,000 deep': nestedJson(500_000),
    };
    const frames = Object.entries(updates).flatMap(([what, update]) => [
      [what, syncFrame('update', update)] as const,
      [`${what}, as an answer`, syncFrame('answer', update)] as const,
    ]);
    expect(await othersThan(4422, Object.fromEntries(frames))).toEqual({});
  });

  it('[PRS6] that is malformed, or more than a session may say, ends its session with 4424', async () => {
    const claims = Array.from({ length: maxPresenceEntriesOfChannel + 1 }, (_, client) => ({
      client,
      clock: 1,
      json: '{}',
    }));
    const json = JSON.stringify('x'.repeat(maxPresenceStateBytes - 1));
    const others = await othersThan(4424, {
      'more entries than there are': bytes(1, 2, 5, 0),
      'an entry cut short': bytes(1, 3, 1, 7, 1),
      'a state past the end': bytes(1, 5, 1, 7, 1, 99, 1),
      'bytes after the entries': bytes(1, 2, 0, 0),
      'a state of more than 32 KiB': presenceFrame([{ client: 1, clock: 1, json }]),
      'more than 64 clients': presenceFrame(claims),
    });
    expect(others).toEqual({});
  });

  it('[PRS6] [DOC7] end nobody else who has the document open', async () => {
    using reader = await (await RawClient.join(server.yjs, 'shared')).answered();
    using writer = await new StockClient({ url: server.yjs, document: 'shared' }).synced();
    for (const frame of [bytes(1, 2, 5, 0), syncFrame('update', selfReferring()), bytes(9)]) {
      using sender = await (await RawClient.join(server.yjs, 'shared')).answered();
      sender.send(frame);
      await sender.closed;
    }
    writer.text.insert(0, 'hello');
    await until('the reader has it', () => reader.text() === 'hello');
    expect(reader.ended).toBeUndefined();
  });

  it('[DOC7] after a refusal are read and thrown away, however many and large', async () => {
    await Bystanders.during(server, async () => {
      using sender = await (await RawClient.join(server.yjs, 'hostile')).answered();
      sender.send('text');
      for (let at = 0; at < 50; at++) sender.update(new Uint8Array(100_000).fill(0xff));
      expect((await sender.closed).code).toBe(4400);
      // Each would be checked in a worker, and be refused there when nobody listens any more.
      for (let at = 0; at < 3; at++) expect(await codeFor(syncFrame('update', selfReferring()))).toBe(4422);
    });
  });

  it('[YWS6] [YWS8] stop a stock client for good', async () => {
    using named = new StockClient({ url: server.yjs, document: 'a'.repeat(600) });
    using speaking = new StockClient({ url: server.yjs, document: 'speaking' });
    const closed = [named, speaking].map(
      ({ provider }) => new Promise<number>((resolve) => provider.on('closed', ({ code }) => resolve(code))),
    );
    await speaking.synced();
    speaking.provider.ws?.send('text');
    expect(await Promise.all(closed)).toEqual([4400, 4400]);
    // Without this a client tries again for ever.
    expect([named, speaking].map(({ provider }) => provider.shouldConnect)).toEqual([false, false]);
    expect([named, speaking].map(({ provider }) => provider.ws)).toEqual([null, null]);
  });
});
