// Whoever may not read a document: nothing of it reaches them, in any dialect, and what they are told is the same whether
// there is such a document or not.
import { downCodec, type Up, upCodec } from '@syncline/shared';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { StockClient } from '../support/client.ts';
import { presenceFrame, syncFrame } from '../support/frames.ts';
import { GuardedServer } from '../support/guarded-server.ts';
import { SdkClient, textOf, write } from '../support/sdk-client.ts';
import type { TokenKey } from '../support/tokens.ts';
import { until } from '../support/until.ts';
import { WireClient } from '../support/wire-client.ts';

const secret = 'the secret content';
const existing = 'private/there';
const missing = 'private/none!';
const all = { write: ['**'] };

/** Who knocks with what, and the code that they are told. */
const strangers: Readonly<
  Record<string, { token: (key: TokenKey) => string | undefined; code: string; close: number }>
> = {
  'no token': { token: () => undefined, code: 'unauthenticated', close: 4401 },
  'an expired token': {
    token: (key) => key.sign({ ...all, expiresIn: -1 }),
    code: 'token_expired',
    close: 4401,
  },
  'a token under another key': { token: (key) => key.forge(all), code: 'unauthenticated', close: 4401 },
  'a token of algorithm none': {
    token: (key) => key.withoutAlgorithm(all),
    code: 'unauthenticated',
    close: 4401,
  },
  'a signed token of algorithm none': {
    token: (key) => key.withoutAlgorithm(all, true),
    code: 'unauthenticated',
    close: 4401,
  },
};

/** Known, and with no grant for these documents. */
const visitor = (key: TokenKey): string =>
  key.sign({ read: ['private/*/below', 'private', 'there'], write: ['public/**'] });

let guarded: GuardedServer;
let author: SdkClient;
let typing: ReturnType<typeof setInterval>;

beforeAll(async () => {
  guarded = await GuardedServer.start();
  const { server, key } = guarded;
  author = new SdkClient({ url: server.sync, token: key.sign(all) });
  const notes = author.open(existing);
  notes.presence.setLocalStateField('name', secret);
  write(notes, secret);
  await notes.saved();
  // Whoever is let in by mistake hears of it soon.
  typing = setInterval(() => {
    write(notes, '.');
    notes.presence.setLocalStateField('at', notes.doc.getText('content').length);
  }, 5);
});

afterAll(async () => {
  clearInterval(typing);
  await author.client.close();
  await guarded[Symbol.asyncDispose]();
});

/** Says all that there is to say in y-websocket; gives every byte that came back. */
async function knockByYjs(document: string, token: string | undefined): Promise<WireClient> {
  const query = token === undefined ? '' : `?token=${token}`;
  const client = await WireClient.open(guarded.server.port, `/yjs/${document}${query}`);
  client.send(syncFrame('request', Uint8Array.of(0)));
  client.send(Uint8Array.of(3));
  client.send(presenceFrame([{ client: 1, clock: 1, json: '{}' }]));
  return client.closed();
}

function hello(token: string | undefined): Up {
  return { say: 'hello', lowestVersion: 1, highestVersion: 1, token: token ?? '' };
}

function opening(document: string): Up[] {
  return [
    { say: 'open', channel: 1, document, engine: 'yjs', incarnation: 0, resume: undefined },
    { say: 'compare', channel: 1, request: Uint8Array.of(0), deletions: new Uint8Array(8) },
    { say: 'verify', channel: 1 },
    { say: 'presence', channel: 1, entries: [] },
  ];
}

describe.each(Object.entries(strangers))('whoever has %s', (_, { token, code, close }) => {
  it('[ACC1] [ACC3] is sent a close alone by y-websocket, the same for every document', async () => {
    using there = await knockByYjs(existing, token(guarded.key));
    using none = await knockByYjs(missing, token(guarded.key));
    expect(there.received.equals(none.received)).toBe(true);
    expect(there.frames.map(({ opcode }) => opcode)).toEqual([8]);
    expect(there.closeCode).toBe(close);
  });

  it('[ACC1] [ACC3] is sent a refusal alone by the native protocol', async () => {
    const answers: Buffer[] = [];
    for (const document of [existing, missing]) {
      using client = await WireClient.open(guarded.server.port, '/sync');
      for (const message of [hello(token(guarded.key)), ...opening(document)])
        client.send(upCodec.encode(message));
      await client.closed();
      expect(client.messages.map((message) => downCodec.decode(message))).toMatchObject([
        { say: 'refused', channel: 0, code },
      ]);
      expect(client.frames).toHaveLength(2);
      expect(client.closeCode).toBe(close);
      answers.push(client.received);
    }
    expect(answers[0]!.equals(answers[1]!)).toBe(true);
  });

  it('[ACC1] [ACC3] is rejected in the SDK, and does not try again', async () => {
    const given = token(guarded.key);
    await using stranger = new SdkClient({ url: guarded.server.sync, ...(given && { token: given }) });
    const notes = stranger.open(existing);
    await stranger.reaches('needs-token');
    expect(stranger.client.status.connection).toMatchObject({ state: 'needs-token', error: { code } });
    expect(notes.doc.store.clients.size).toBe(0);
    expect(notes.presence.getStates().size).toBe(1);
    expect(stranger.sockets).toBe(1);
  });

  it('[ACC1] [ACC3] has a stock provider that stops', async () => {
    expect(await stops(existing, token(guarded.key))).toBe(close);
  });
});

describe('whoever has a token whose patterns do not match', () => {
  it('[ACC2] [ACC3] is sent a close alone by y-websocket, the same for every document', async () => {
    using there = await knockByYjs(existing, visitor(guarded.key));
    using none = await knockByYjs(missing, visitor(guarded.key));
    expect(there.received.equals(none.received)).toBe(true);
    expect(there.frames.map(({ opcode }) => opcode)).toEqual([8]);
    expect(there.closeCode).toBe(4403);
  });

  it('[ACC2] [ACC3] is welcomed by the native protocol, and refused the document', async () => {
    const answers: Buffer[] = [];
    for (const document of [existing, missing]) {
      using client = await WireClient.open(guarded.server.port, '/sync');
      client.send(upCodec.encode(hello(visitor(guarded.key))));
      await until('it is welcomed', () => client.messages.length === 1);
      for (const message of opening(document)) client.send(upCodec.encode(message));
      client.send(upCodec.encode({ say: 'ping' }));
      await until('it is answered', () => client.messages.length === 3);
      const heard = client.messages.map((message) => downCodec.decode(message));
      expect(heard.slice(1)).toEqual([
        { say: 'refused', channel: 1, code: 'forbidden', detail: '' },
        { say: 'pong' },
      ]);
      answers.push(client.received);
    }
    expect(answers[0]!.equals(answers[1]!)).toBe(true);
  });

  it('[ACC2] [ACC3] is refused that document in the SDK, and not another', async () => {
    await using somebody = new SdkClient({ url: guarded.server.sync, token: visitor(guarded.key) });
    const notes = somebody.open(existing);
    const own = somebody.open('public/notes');
    for (const each of [notes, own]) write(each, 'mine');
    await own.saved();
    await expect(notes.synced()).rejects.toMatchObject({ code: 'forbidden' });
    await expect(notes.saved()).rejects.toMatchObject({ code: 'forbidden' });
    expect(textOf(notes)).toBe('mine');
    expect(notes.presence.getStates().size).toBe(1);
  });

  it('[ACC2] [ACC3] has a stock provider that stops', async () => {
    expect(await stops(existing, visitor(guarded.key))).toBe(4403);
  });
});

/** Lets a stock provider try, and gives the code with which it stops for good. */
async function stops(document: string, token: string | undefined): Promise<number> {
  using client = new StockClient({
    url: guarded.server.yjs,
    document,
    ...(token !== undefined && { token }),
  });
  const closed = await new Promise<number>((resolve) =>
    client.provider.on('closed', ({ code }) => resolve(code)),
  );
  expect(client.provider.shouldConnect).toBe(false);
  expect(client.doc.store.clients.size).toBe(0);
  expect(client.provider.awareness.getStates().size).toBe(1);
  return closed;
}
