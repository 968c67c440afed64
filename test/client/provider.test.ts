// A document in the shape of y-websocket's provider: what that does, and what a stock provider does in its place.
import { join } from 'node:path';
import { createClient } from '@syncline/client';
import { fileStore } from '@syncline/client/file';
import type { LocalStore } from '@syncline/client/local/store.ts';
import { YjsProvider } from '@syncline/client/provider';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Awareness } from 'y-protocols/awareness';
import { WebsocketProvider } from 'y-websocket';
import * as Y from 'yjs';
import { GuardedServer } from '../support/guarded-server.ts';
import { SdkClient, textOf } from '../support/sdk-client.ts';
import { ServerProcess, temporaryFolder } from '../support/server.ts';
import { SlowProxy } from '../support/slow-proxy.ts';
import { storedDocument } from '../support/stored-updates.ts';
import { until } from '../support/until.ts';

const name = 'notes';

/** Either of the two, as an app uses it. */
type Provider = Pick<
  YjsProvider,
  | 'awareness'
  | 'connect'
  | 'destroy'
  | 'disconnect'
  | 'doc'
  | 'roomname'
  | 'shouldConnect'
  | 'synced'
  | 'wsconnected'
  | 'wsconnecting'
> & { on(event: string, listener: (...values: unknown[]) => void): unknown };

interface Kind {
  readonly kind: string;
  /** Whether those who are here are seen at once on a new connection: a stock provider hears of them when they next say it. */
  readonly seesAtOnce: boolean;
  readonly make: (link: string, document: string) => Provider;
}

const made: (() => unknown)[] = [];

const kinds: readonly Kind[] = [
  {
    kind: 'of y-websocket',
    seesAtOnce: false,
    make: (link, document) =>
      new WebsocketProvider(link.replace('/sync', '/yjs'), document, new Y.Doc(), {
        disableBc: true,
      }),
  },
  {
    kind: 'of the SDK',
    seesAtOnce: true,
    make: (link, document) => {
      const client = createClient({ url: link });
      made.push(() => client.close());
      return new YjsProvider(client, document, new Y.Doc());
    },
  },
];

/** Everything that is said, from the beginning on. */
function eventsOf(provider: Provider): string[] {
  const events: string[] = [];
  provider.on('status', (event) => events.push((event as { status: string }).status));
  provider.on('sync', (isSynced) => events.push(`sync ${String(isSynced)}`));
  provider.on('synced', (isSynced) => events.push(`synced ${String(isSynced)}`));
  provider.on('connection-close', (_, by) => events.push(`close ${by === provider}`));
  return events;
}

function namesIn({ awareness }: Provider): string[] {
  return [...awareness.getStates().values()].map(({ name: each }) => String(each)).toSorted();
}

const comes = ['connected', 'synced true', 'sync true'];
const goes = ['close true', 'synced false', 'sync false', 'disconnected'];

describe.each(kinds)('a provider $kind', ({ seesAtOnce, make }) => {
  let folder: ReturnType<typeof temporaryFolder>;
  let server: ServerProcess;
  let link: SlowProxy;
  let anna: Provider;
  let ben: Provider;
  let events: string[];

  let count = 0;

  const seeEachOther = (): Promise<void> =>
    until('both see both', () => [anna, ben].every((each) => namesIn(each).length === 2));

  beforeAll(async () => {
    folder = temporaryFolder();
    server = await ServerProcess.start({ data: folder.path });
    link = await SlowProxy.open({ port: server.port });
  });
  afterAll(async () => {
    await link[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  beforeEach(async () => {
    const document = `notes/${count++}`;
    anna = make(link.sync, document);
    events = eventsOf(anna);
    ben = make(server.sync, document);
    anna.awareness.setLocalStateField('name', 'anna');
    ben.awareness.setLocalStateField('name', 'ben');
    await until('both are synced', () => anna.synced && ben.synced);
    await seeEachOther();
  });
  afterEach(async () => {
    for (const provider of [anna, ben]) provider.destroy();
    for (const { awareness } of [anna, ben]) awareness.destroy();
    for (const end of made.splice(0)) await end();
  });

  it('[SDK25] says how it stands in the same order, and has the same properties', async () => {
    expect(events.filter((event) => event !== 'connecting')).toEqual(comes);
    expect(anna).toMatchObject({
      roomname: ben.roomname,
      synced: true,
      wsconnected: true,
      wsconnecting: false,
      shouldConnect: true,
    });
    anna.doc.getText('content').insert(0, 'hello');
    await until('ben has it', () => textOf(ben) === 'hello');
    anna.destroy();
    expect(events.slice(-goes.length)).toEqual(goes);
    expect(anna).toMatchObject({ synced: false, wsconnected: false, shouldConnect: false });
    await until('anna is gone', () => namesIn(ben).length === 1);
  });

  it('[SDK25] that was disconnected comes back with the same awareness, state and edits', async () => {
    const { awareness } = anna;
    events.length = 0;
    anna.disconnect();
    expect(events).toEqual(goes);
    expect(anna.shouldConnect).toBe(false);
    expect(namesIn(anna)).toEqual(['anna']);
    await until('anna is gone', () => namesIn(ben).length === 1);
    anna.doc.getText('content').insert(0, 'hers, ');
    ben.doc.getText('content').insert(0, 'his, ');
    anna.awareness.setLocalStateField('cursor', 3);
    events.length = 0;
    anna.connect();
    anna.connect();
    await until('it is synced', () => anna.synced);
    expect(events).toEqual(['connecting', ...comes]);
    expect(anna.awareness).toBe(awareness);
    await until('ben sees anna', () => namesIn(ben).length === 2);
    expect(ben.awareness.getStates().get(awareness.clientID)).toEqual({ name: 'anna', cursor: 3 });
    if (seesAtOnce) await seeEachOther();
    await until('they agree', () => textOf(anna) === textOf(ben));
    expect(textOf(ben)).toHaveLength('hers, his, '.length);
  });

  it('[SDK25] whose connection is lost says so, and comes back by itself', async () => {
    events.length = 0;
    link.cut();
    await until('it is noticed', () => events.includes('disconnected'));
    expect(events.slice(0, goes.length)).toEqual(goes);
    await until('it is back', () => anna.synced);
    expect(events.slice(-comes.length)).toEqual(comes);
    anna.doc.getText('content').insert(0, 'again');
    await until('ben has it', () => textOf(ben) === 'again');
    if (seesAtOnce) await seeEachOther();
  });
});

it('[SDK25] a provider opens nothing before it is told to, where the app wants that', async () => {
  using folder = temporaryFolder();
  await using server = await ServerProcess.start({ data: folder.path });
  await using anna = new SdkClient({ url: server.sync });
  const provider = new YjsProvider(anna.client, name, new Y.Doc(), { connect: false });
  expect(provider).toMatchObject({ wsconnected: false, wsconnecting: false, shouldConnect: false });
  expect(provider.document).toBeUndefined();
  expect(anna.sockets).toBe(0);
  provider.connect();
  await provider.document!.synced();
  expect(provider).toMatchObject({ wsconnected: true, synced: true, shouldConnect: true });
  provider.destroy();
});

it('[SDK25] an awareness of the app stays when the provider goes, and one that was made for it does not', async () => {
  using folder = temporaryFolder();
  await using server = await ServerProcess.start({ data: folder.path });
  await using anna = new SdkClient({ url: server.sync });
  const doc = new Y.Doc();
  const awareness = new Awareness(doc);
  awareness.setLocalState({ name: 'anna' });
  const first = new YjsProvider(anna.client, name, doc, { awareness });
  expect(first.awareness).toBe(awareness);
  expect(first.document!.presence).toBe(awareness);
  expect(() => anna.open(name, { doc, presence: new Awareness(doc) })).toThrow('with another presence');
  first.destroy();
  expect(awareness.getLocalState()).toEqual({ name: 'anna' });
  // In the very turn, as frameworks do that begin everything twice.
  doc.getText('content').insert(0, 'not saved yet');
  const second = new YjsProvider(anna.client, name, doc);
  second.awareness.setLocalState({ name: 'anna again' });
  await second.document!.saved();
  await using ben = new SdkClient({ url: server.sync });
  const his = ben.open(name);
  await until('ben sees the second alone', () => his.presence.getStates().size === 2);
  expect(his.presence.getStates().get(doc.clientID)).toEqual({ name: 'anna again' });
  second.destroy();
  expect(second.awareness.getLocalState()).toBeNull();
  await until('ben is alone', () => his.presence.getStates().size === 1);
  expect(() => new YjsProvider(anna.client, name, new Y.Doc(), { awareness })).toThrow('of another doc');
  awareness.destroy();
});

it('[SDK25] [SDK22] a provider that is refused says so once, and goes on when the app has mended the cause', async () => {
  await using guarded = await GuardedServer.start();
  const { server, key } = guarded;
  await using anna = new SdkClient({ url: server.sync, token: key.forge({ write: ['**'] }) });
  const provider = new YjsProvider(anna.client, name, new Y.Doc());
  const closed: unknown[] = [];
  provider.on('closed', (event, by) => closed.push({ ...event, isIts: by === provider }));
  await until('it is refused', () => closed.length > 0);
  expect(provider).toMatchObject({ wsconnected: false, shouldConnect: false });
  anna.client.login(key.sign({ write: ['other'] }));
  await until('it is refused again', () => closed.length > 1);
  expect(closed).toMatchObject([
    { code: 4401, isIts: true },
    { code: 4403, isIts: true },
  ]);
  anna.client.login(key.sign({ write: [name] }));
  await until('the token is looked at', () => anna.traffic().received.includes('renewed'));
  provider.connect();
  await until('it is synced', () => provider.synced);
  expect(provider.shouldConnect).toBe(true);
  provider.destroy();
});

it('[SDK25] a server that cannot be reached is an error of the connection', async () => {
  await using anna = new SdkClient({ url: 'ws://127.0.0.1:9/sync' });
  const provider = new YjsProvider(anna.client, name, new Y.Doc());
  const errors: string[] = [];
  provider.on('connection-error', ({ type }) => errors.push(type));
  await until('it has been tried twice', () => errors.length === 2);
  expect(errors).toEqual(['error', 'error']);
  provider.destroy();
});

it('[SDK30] [SDK25] what is typed while a provider is disconnected is unsaved and kept, and sent when it is connected', async () => {
  using folder = temporaryFolder();
  await using server = await ServerProcess.start({ data: folder.path });
  const store = (): LocalStore => fileStore(join(folder.path, 'app.kept'));
  const doc = new Y.Doc();
  await using anna = new SdkClient({ url: server.sync, store: store() });
  const provider = new YjsProvider(anna.client, name, doc);
  await until('it is synced', () => provider.synced);
  provider.disconnect();
  doc.getText('content').insert(0, 'offline');
  expect(provider.document?.status.uploads).toMatchObject({ isSaved: false, edits: 1 });
  expect(anna.client.status.uploads).toMatchObject({ isSaved: false, documents: 1 });
  await provider.document!.saved({ tier: 'local' });
  expect(anna.client.status.connection.state).toBe('connected');

  const other = anna.client.open('other');
  other.doc.getText('content').insert(0, 'online');
  await other.saved();
  expect(storedDocument(folder.path, name).getText('content').toJSON()).toBe('');

  provider.connect();
  await provider.document!.saved();
  expect(storedDocument(folder.path, name).getText('content').toJSON()).toBe('offline');
  provider.destroy();
});

it('[SDK30] a document is on the connection as long as one of those who have it open wants that', async () => {
  using folder = temporaryFolder();
  await using server = await ServerProcess.start({ data: folder.path });
  await using anna = new SdkClient({ url: server.sync });
  const [first, second] = [anna.client.open(name), anna.client.open(name)];
  await first.synced();
  first.pause();
  first.doc.getText('content').insert(0, 'one');
  await second.saved();
  second.pause();
  first.doc.getText('content').insert(3, ' two');
  // Whatever was sent with it would be there before what comes behind it.
  const other = anna.client.open('other');
  const afterAnother = async (): Promise<string> => {
    // Who asks has what was typed in this turn sent.
    expect(first.status.uploads.isSaved).toBe(false);
    other.doc.getText('content').insert(0, 'online');
    await other.saved();
    return storedDocument(folder.path, name).getText('content').toJSON();
  };
  expect(await afterAnother()).toBe('one');
  expect(second.status.uploads.isSaved).toBe(false);
  // Whoever opens it now has a server; and whoever has closed it wants nothing any more.
  const third = anna.client.open(name);
  await third.saved();
  third.close();
  second.close();
  first.doc.getText('content').insert(7, ' three');
  expect(await afterAnother()).toBe('one two');
  expect(first.status.uploads.isSaved).toBe(false);
  first.close();
  await until(
    'what was typed is sent',
    () => storedDocument(folder.path, name).getText('content').length > 7,
  );
});
