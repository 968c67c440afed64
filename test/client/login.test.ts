// Tokens that a server does not accept, or no more, and clients that go on with others.
import { expect, it } from 'vitest';
import { GuardedServer } from '../support/guarded-server.ts';
import { SdkClient, settled, textOf, write } from '../support/sdk-client.ts';
import type { ServerProcess } from '../support/server.ts';
import { SlowProxy } from '../support/slow-proxy.ts';
import { storedDocument } from '../support/stored-updates.ts';
import { type Claims, TokenKey } from '../support/tokens.ts';
import { until } from '../support/until.ts';

const document = 'notes/today';
const all: Claims = { write: ['**'] };

/** The server with another key in the place of its own: no token that it has accepted is any good. */
async function rekeyed({ data, server }: GuardedServer): Promise<{ server: ServerProcess; key: TokenKey }> {
  await server.end();
  const key = new TokenKey(data);
  return { server: await server.restart(), key };
}

function stored({ data }: GuardedServer): string {
  return textOf({ doc: storedDocument(data, document) });
}

it('[SDK22] [SDK5] a token function is called at every connect', async () => {
  await using guarded = await GuardedServer.start();
  await using link = await SlowProxy.open({ port: guarded.server.port });
  let calls = 0;
  const token = async (): Promise<string> => {
    calls++;
    return guarded.key.sign(all);
  };
  await using anna = new SdkClient({ url: link.sync, token });
  const notes = anna.open(document);
  for (let connect = 1; connect <= 3; connect++) {
    write(notes, String(connect));
    await notes.saved();
    expect(calls).toBe(connect);
    link.cut();
    await until('it is cut off', () => anna.client.status.connection.state !== 'connected');
  }
});

it('[SDK22] a token that was never accepted is denied, and another one goes on with what was typed', async () => {
  await using guarded = await GuardedServer.start();
  const { server, key } = guarded;
  await using anna = new SdkClient({ url: server.sync, token: key.forge(all) });
  const notes = anna.open(document);
  write(notes, 'typed');
  await anna.reaches('needs-token');
  expect(anna.client.status).toMatchObject({
    connection: { why: 'denied', error: { code: 'unauthenticated' } },
    uploads: { isSaved: false, edits: 1 },
  });
  await expect(notes.saved()).rejects.toMatchObject({ code: 'unauthenticated' });
  anna.client.login(key.sign(all));
  await notes.saved();
  expect(anna.sockets).toBe(2);
  expect(stored(guarded)).toBe('typed');
});

it('[SDK22] a token whose time is over has expired, and another one goes on with what was typed', async () => {
  await using guarded = await GuardedServer.start();
  const { server, key } = guarded;
  await using anna = new SdkClient({ url: server.sync, token: key.sign({ ...all, expiresIn: 2 }) });
  const notes = anna.open(document);
  write(notes, 'one');
  await notes.saved();
  await anna.reaches('needs-token');
  expect(anna.client.status.connection).toMatchObject({ why: 'expired', error: { code: 'token_expired' } });
  write(notes, ', two');
  expect(notes.status.uploads).toMatchObject({ isSaved: false, edits: 1 });
  anna.client.login(() => key.sign(all));
  await notes.saved();
  expect(stored(guarded)).toBe('one, two');
  expect(notes.status).toMatchObject({ uploads: { isSaved: true }, downloads: { state: 'current' } });
});

it('[SDK22] a token that is expired when it is first said has expired, too, and a function is asked again', async () => {
  await using guarded = await GuardedServer.start();
  const { server, key } = guarded;
  let expiresIn = -1;
  await using anna = new SdkClient({ url: server.sync, token: () => key.sign({ ...all, expiresIn }) });
  const notes = anna.open(document);
  write(notes, 'typed');
  await anna.reaches('needs-token');
  expect(anna.client.status.connection).toMatchObject({ why: 'expired' });
  expiresIn = 60;
  anna.client.login();
  await notes.saved();
  expect(stored(guarded)).toBe('typed');
});

it('[SDK22] a token that was accepted before, and is no more, has been revoked', async () => {
  await using guarded = await GuardedServer.start();
  await using anna = new SdkClient({ url: guarded.server.sync, token: guarded.key.sign(all) });
  const notes = anna.open(document);
  write(notes, 'one');
  await notes.saved();
  const { server, key } = await rekeyed(guarded);
  await using _ = server;
  await anna.reaches('needs-token');
  expect(anna.client.status.connection).toMatchObject({ why: 'revoked', error: { code: 'unauthenticated' } });
  write(notes, ', two');
  anna.client.login(key.sign(all));
  await notes.saved();
  expect(stored(guarded)).toBe('one, two');
});

it('[SDK22] a token that was accepted as the next one of a connection, and is no more, has been revoked', async () => {
  await using guarded = await GuardedServer.start();
  const { key } = guarded;
  await using anna = new SdkClient({ url: guarded.server.sync, token: key.sign(all) });
  const notes = anna.open(document);
  await notes.synced();
  anna.traffic();
  anna.client.login(key.sign({ write: ['notes/*'] }));
  await until('it is accepted', () => anna.traffic().received.includes('renewed'));
  const { server } = await rekeyed(guarded);
  await using _ = server;
  await anna.reaches('needs-token');
  expect(anna.client.status.connection).toMatchObject({ why: 'revoked' });
});

it('[SDK22] on an open connection a login asks the function again, and all stays but what is granted', async () => {
  await using guarded = await GuardedServer.start();
  const { server, key } = guarded;
  const granted: Claims[] = [{ read: ['**'] }, all];
  await using anna = new SdkClient({ url: server.sync, token: () => key.sign(granted.shift()!) });
  const notes = anna.open(document);
  await notes.synced();
  await until('she may only read', () => !notes.status.uploads.isAllowed);
  write(notes, 'typed');
  anna.client.login();
  await until('she may write', () => notes.status.uploads.isAllowed);
  await notes.saved();
  expect(anna.sockets).toBe(1);
  expect(granted).toEqual([]);
  expect(stored(guarded)).toBe('typed');
});

it('[SDK22] a login as somebody else ends the connection, and one more login goes on', async () => {
  await using guarded = await GuardedServer.start();
  const { server, key } = guarded;
  await using anna = new SdkClient({ url: server.sync, token: key.sign(all) });
  const notes = anna.open(document);
  await notes.synced();
  const ben = key.sign({ ...all, subject: 'ben' });
  anna.client.login(ben);
  await anna.reaches('needs-token');
  expect(anna.client.status.connection).toMatchObject({ why: 'denied' });
  write(notes, 'typed');
  anna.client.login(ben);
  await notes.saved();
  expect(stored(guarded)).toBe('typed');
});

it('[SDK22] a login while another token is being looked at counts: nobody is told that the earlier one was no good', async () => {
  await using guarded = await GuardedServer.start();
  const { server, key } = guarded;
  await using anna = new SdkClient({ url: server.sync, token: key.forge(all) });
  const notes = anna.open(document);
  write(notes, 'typed');
  const saved = settled(notes.saved());
  const states: string[] = [];
  anna.client.onStatus(({ connection: { state } }) => states.push(state));
  await until('the first is said', () => anna.traffic().sent.includes('hello'));
  anna.client.login(key.sign(all));
  await until('it is saved', () => saved.is !== 'open');
  expect(saved.is).toBe('resolved');
  expect(states).not.toContain('needs-token');
  expect(stored(guarded)).toBe('typed');
});

it('[SDK22] [SDK6] a document that was closed while a token was wanted is unsaved, and sent when there is one', async () => {
  await using guarded = await GuardedServer.start();
  const { server, key } = guarded;
  await using anna = new SdkClient({ url: server.sync, token: key.forge(all) });
  const notes = anna.open(document);
  await anna.reaches('needs-token');
  write(notes, 'typed');
  // Also what was typed in this turn counts.
  expect(anna.client.status.uploads.isSaved).toBe(false);
  notes.close();
  expect(anna.client.status.uploads).toMatchObject({ isSaved: false, documents: 1 });
  anna.client.login(key.sign(all));
  await until('it is on the server', () => stored(guarded) === 'typed');
  await until('nothing is unsaved', () => anna.client.status.uploads.isSaved);
});

it('[SDK22] a login while another token is looked at is not forgotten where that is accepted', async () => {
  await using guarded = await GuardedServer.start();
  const { server, key } = guarded;
  await using anna = new SdkClient({ url: server.sync, token: key.sign({ read: ['**'] }) });
  const notes = anna.open(document);
  await until('it is greeting', () => anna.client.status.connection.state === 'greeting');
  anna.client.login(key.sign(all));
  write(notes, 'may be written');
  await until('it may be written, and is', () => stored(guarded) === 'may be written');
  expect(anna.sockets).toBe(1);
});
