// Tokens that end in mid-session, and those that are renewed before.
import { upCodec } from '@syncline/shared';
import { socketSweepMs } from '@syncline/server/socket/limits.ts';
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { StockClient } from '../support/client.ts';
import { syncFrame } from '../support/frames.ts';
import { GuardedServer } from '../support/guarded-server.ts';
import { metric } from '../support/metric.ts';
import { NativeClient } from '../support/native-client.ts';
import { SdkClient, settled, textOf, write } from '../support/sdk-client.ts';
import { storedDocument } from '../support/stored-updates.ts';
import type { Claims, TokenKey } from '../support/tokens.ts';
import { until } from '../support/until.ts';
import { WireClient } from '../support/wire-client.ts';

const document = 'notes/today';
const all: Claims = { write: ['**'] };
/** Ends soon, and not before a session has begun on a busy machine. */
const soon: Claims = { ...all, expiresIn: 3 };
/** What the machine may be late by. */
const slackMs = 1_000;

/** Counts the tokens that an application is asked for. */
class Tokens {
  given = 0;
  /** What the next ones grant. */
  claims: Claims;
  readonly #key: TokenKey;

  constructor(key: TokenKey, claims: Claims) {
    this.#key = key;
    this.claims = claims;
  }

  readonly next = async (): Promise<string> => {
    this.given++;
    return this.#key.sign(this.claims);
  };

  async asked(times: number): Promise<void> {
    await until(`${times} tokens have been asked for`, () => this.given >= times);
  }
}

async function greet(guarded: GuardedServer, claims: Claims): Promise<NativeClient> {
  const client = await NativeClient.connect(guarded.server.sync);
  const token = guarded.key.sign(claims);
  client.say({ say: 'hello', lowestVersion: 1, highestVersion: 1, token });
  await client.hears('welcome');
  return client;
}

function updateOf(letters: string): Uint8Array {
  const doc = new Y.Doc();
  doc.getText('content').insert(0, letters);
  return Y.encodeStateAsUpdate(doc);
}

// Most of what they do is wait, each with a server of its own.
describe.concurrent('a session', () => {
  it('[ACC5] a token that expires ends a session by y-websocket, and nothing comes after it', async () => {
    await using guarded = await GuardedServer.start();
    const { server, key } = guarded;
    await using author = new SdkClient({ url: server.sync, token: key.sign(all) });
    const notes = author.open(document);
    await notes.saved();
    const typing = setInterval(() => write(notes, '.'), 5);
    const began = performance.now();
    using raw = await WireClient.open(server.port, `/yjs/${document}?token=${key.sign(soon)}`);
    raw.send(syncFrame('request', Uint8Array.of(0)));
    using stock = await new StockClient({ url: server.yjs, document, token: key.sign(soon) }).synced();
    const closed = new Promise<number>((resolve) => stock.provider.on('closed', ({ code }) => resolve(code)));
    await raw.closed();
    clearInterval(typing);
    const tookMs = performance.now() - began;
    expect(raw.closeCode).toBe(4401);
    expect(raw.messages.length).toBeGreaterThan(100);
    expect(raw.frames.at(-1)?.opcode).toBe(8);
    expect(tookMs).toBeGreaterThan(soon.expiresIn! * 1_000 - slackMs);
    expect(tookMs).toBeLessThan(soon.expiresIn! * 1_000 + socketSweepMs + slackMs);
    expect(await closed).toBe(4401);
    expect(stock.provider.shouldConnect).toBe(false);
  });

  it('[ACC5] a token that expires ends a session by the native protocol, with everything in it', async () => {
    await using guarded = await GuardedServer.start();
    using client = await greet(guarded, soon);
    const [welcome] = client.of('welcome');
    expect(welcome?.expiresInMs).toBeGreaterThan(soon.expiresIn! * 1_000 - slackMs);
    expect(welcome?.expiresInMs).toBeLessThanOrEqual(soon.expiresIn! * 1_000);
    client.open(1, document);
    client.updates(1, 1, updateOf('in time'));
    await client.hears('stored');
    await client.hears('refused');
    client.updates(1, 2, updateOf('too late'));
    expect((await client.closed).code).toBe(4401);
    expect(client.of('refused')).toEqual([{ say: 'refused', channel: 0, code: 'token_expired', detail: '' }]);
    await guarded.server.end();
    expect(storedDocument(guarded.data, document).getText('content').toJSON()).toBe('in time');
  });

  it('[ACC5] an app with a token that is a text is rejected when it ends', async () => {
    await using guarded = await GuardedServer.start();
    await using anna = new SdkClient({ url: guarded.server.sync, token: guarded.key.sign(soon) });
    const notes = anna.open(document);
    write(notes, 'in time');
    await notes.saved();
    await anna.reaches('needs-token');
    expect(anna.client.status.connection).toMatchObject({ error: { code: 'token_expired' } });
    expect(anna.sockets).toBe(1);
  });

  it('[ACC5] an app with a token function keeps its connection, its documents and what it types', async () => {
    await using guarded = await GuardedServer.start();
    const tokens = new Tokens(guarded.key, { ...all, expiresIn: 2 });
    await using anna = new SdkClient({ url: guarded.server.sync, token: tokens.next });
    const notes = anna.open(document);
    await notes.synced();
    for (let renewal = 1; renewal <= 4; renewal++) {
      write(notes, String(renewal));
      await tokens.asked(renewal + 1);
      await notes.saved();
    }
    expect(textOf(notes)).toBe('1234');
    expect(notes.status.downloads).toEqual({ state: 'current' });
    expect(anna.sockets).toBe(1);
    expect(await metric(guarded.server, 'connections')).toBe(1);
  });

  it('[ACC5] [SDK5] a token function that fails once is asked again in time', async () => {
    await using guarded = await GuardedServer.start();
    const tokens = new Tokens(guarded.key, { ...all, expiresIn: 8 });
    let fails = 1;
    const token = async (): Promise<string> => {
      if (tokens.given > 0 && fails-- > 0) throw new Error('the backend is away');
      return tokens.next();
    };
    await using anna = new SdkClient({ url: guarded.server.sync, token });
    const notes = anna.open(document);
    await notes.synced();
    await tokens.asked(2);
    write(notes, 'typed');
    await notes.saved();
    expect(anna.reported).toHaveLength(1);
    expect(anna.sockets).toBe(1);
  });

  it('[ACC5] a renewal that grants less ends what it does not grant, and nothing else', async () => {
    await using guarded = await GuardedServer.start();
    const tokens = new Tokens(guarded.key, { ...all, expiresIn: 3 });
    await using anna = new SdkClient({ url: guarded.server.sync, token: tokens.next });
    const [kept, lost] = [anna.open('kept'), anna.open('lost')];
    for (const each of [kept, lost]) write(each, 'before');
    await Promise.all([kept.saved(), lost.saved()]);
    tokens.claims = { write: ['kept'] };
    await until('it is taken away', () => lost.status.downloads.state === 'refused');
    expect(lost.status.downloads).toMatchObject({ error: { code: 'forbidden' } });
    for (const each of [kept, lost]) write(each, ', after');
    await kept.saved();
    await expect(lost.saved()).rejects.toMatchObject({ code: 'forbidden' });
    expect(anna.sockets).toBe(1);
    await guarded.server.end();
    expect(storedDocument(guarded.data, 'kept').getText('content').toJSON()).toBe('before, after');
    expect(storedDocument(guarded.data, 'lost').getText('content').toJSON()).toBe('before');
  });

  it('[ACC5] [ACC4] what is typed while one may only read is sent when one may write again', async () => {
    await using guarded = await GuardedServer.start();
    const lasting = { expiresIn: 3 };
    const tokens = new Tokens(guarded.key, { ...all, ...lasting });
    await using anna = new SdkClient({ url: guarded.server.sync, token: tokens.next });
    await using ben = new SdkClient({ url: guarded.server.sync, token: guarded.key.sign(all) });
    const [hers, his] = [anna.open(document), ben.open(document)];
    write(hers, 'before');
    await hers.saved();
    tokens.claims = { read: ['**'], ...lasting };
    await until('she may only read', () => !hers.status.uploads.isAllowed);
    expect(hers.status.downloads).toEqual({ state: 'current' });
    write(hers, ', meanwhile');
    await expect(hers.saved()).rejects.toMatchObject({ code: 'forbidden' });
    write(his, ' and ben');
    await until('she reads on', () => textOf(hers).includes('and ben'));
    expect(textOf(his)).toBe('before and ben');
    tokens.claims = { ...all, ...lasting };
    await until('she may write', () => hers.status.uploads.isAllowed);
    await hers.saved();
    await until('they agree', () => textOf(his) === textOf(hers));
    expect(textOf(his)).toContain('meanwhile');
    expect(anna.sockets).toBe(1);
  });

  it('[ACC5] [ACC4] what a reader had before it came is sent when it may write', async () => {
    await using guarded = await GuardedServer.start();
    const tokens = new Tokens(guarded.key, { read: ['**'], expiresIn: 3 });
    const doc = new Y.Doc();
    doc.getText('content').insert(0, 'from before');
    await using anna = new SdkClient({ url: guarded.server.sync, token: tokens.next });
    const notes = anna.open(document, { doc });
    const saved = settled(notes.saved());
    await until('she is told', () => saved.is === 'rejected');
    tokens.claims = all;
    await until('she may write', () => notes.status.uploads.isAllowed);
    await notes.saved();
    expect(anna.sockets).toBe(1);
    await guarded.server.end();
    expect(storedDocument(guarded.data, document).getText('content').toJSON()).toBe('from before');
  });

  it('[ACC5] a renewal with a token of somebody else, or that is no good, ends the connection', async () => {
    await using guarded = await GuardedServer.start();
    const { key } = guarded;
    for (const [token, code] of [
      [key.sign({ ...all, subject: 'ben' }), 'unauthenticated'],
      [key.forge(all), 'unauthenticated'],
      [key.sign({ ...all, expiresIn: -1 }), 'token_expired'],
      ['', 'unauthenticated'],
    ] as const) {
      using client = await greet(guarded, all);
      client.open(1, document);
      client.send(upCodec.encode({ say: 'renew', token }));
      expect(await client.hears('refused')).toMatchObject({ channel: 0, code });
      expect((await client.closed).code).toBe(4401);
      expect(client.of('renewed')).toEqual([]);
    }
  });

  it('[ACC5] a renewal says how long the new token is good for, and lasts as long', async () => {
    await using guarded = await GuardedServer.start();
    using client = await greet(guarded, soon);
    client.say({ say: 'renew', token: guarded.key.sign(all) });
    expect(await client.hears('renewed')).toEqual({ say: 'renewed', expiresInMs: 0 });
    using other = await greet(guarded, soon);
    // By the time that one is ended, the other would have been too.
    await other.closed;
    await client.roundTrip();
    expect(client.ended).toBeUndefined();
  });
});
