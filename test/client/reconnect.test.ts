// A server that goes and comes back, and tokens that are asked for each time.
import { expect, it } from 'vitest';
import { metric } from '../support/metric.ts';
import { SdkClient, textOf, write } from '../support/sdk-client.ts';
import { ServerProcess, temporaryFolder } from '../support/server.ts';
import { SlowProxy } from '../support/slow-proxy.ts';
import { until } from '../support/until.ts';

const document = 'notes/today';

it('[SDK4] [SDK6] a server that goes away and comes back is found again, and the status says how it stands', async () => {
  using folder = temporaryFolder();
  await using first = await ServerProcess.start({ data: folder.path });
  await using anna = new SdkClient({ url: first.sync });
  const states: string[] = [anna.client.status.connection.state];
  anna.client.onStatus(({ connection: { state } }) => state === states.at(-1) || states.push(state));
  const notes = anna.open(document);
  write(notes, 'one');
  await notes.saved();
  await notes.synced();
  expect(notes.status).toMatchObject({
    connection: { state: 'connected', server: { durability: 'full' } },
    downloads: { state: 'current' },
  });
  expect(await first.end()).toEqual({ code: 0, signal: null });
  await anna.reaches('waiting');
  expect(notes.status.downloads).toEqual({ state: 'waiting' });
  // Saved is what it was, whoever can be reached.
  expect(notes.status.uploads.isSaved).toBe(true);
  await using again = await first.restart();
  await notes.synced();
  expect(notes.status).toMatchObject({
    connection: { state: 'connected' },
    downloads: { state: 'current' },
  });
  const begun = states.slice(0, states.indexOf('connected') + 1);
  // Of what changes in one turn the last is told.
  expect(begun).toEqual(
    ['initial', 'connecting', 'greeting', 'connected'].filter((state) => begun.includes(state)),
  );
  expect(states.at(-1)).toBe('connected');
  expect(await metric(again, 'connections')).toBe(1);
});

it('[SDK4] a line that is cut is mended from where it broke', async () => {
  using folder = temporaryFolder();
  await using server = await ServerProcess.start({ data: folder.path });
  await using link = await SlowProxy.open({ port: server.port });
  await using anna = new SdkClient({ url: link.sync });
  await using ben = new SdkClient({ url: server.sync });
  const [hers, his] = [anna.open(document), ben.open(document)];
  await Promise.all([hers.synced(), his.synced()]);
  for (let cut = 1; cut <= 3; cut++) {
    link.cut();
    write(hers, `anna ${cut}, `);
    write(his, `ben ${cut}, `);
    await Promise.all([hers.saved(), his.saved()]);
    await until('they agree', () => textOf(hers) === textOf(his));
    expect(link.connections).toBe(cut + 1);
  }
  expect(textOf(hers)).toHaveLength('anna 1, ben 1, '.length * 3);
  expect(anna.sockets).toBe(4);
});

it('[SDK5] a token function is called at every connect, and one that fails is called again', async () => {
  using folder = temporaryFolder();
  await using server = await ServerProcess.start({ data: folder.path });
  await using link = await SlowProxy.open({ port: server.port });
  let calls = 0;
  await using anna = new SdkClient({
    url: link.sync,
    token: async () => {
      calls++;
      if (calls === 1) throw new Error('the login has run out');
      return `token ${calls}`;
    },
  });
  const reasons: string[] = [];
  anna.client.onStatus(({ connection }) => {
    if (connection.state === 'waiting') reasons.push(connection.reason);
  });
  const notes = anna.open(document);
  write(notes, 'one');
  await notes.saved();
  expect(calls).toBe(2);
  expect(reasons).toEqual(['token-failed']);
  expect(anna.reported).toEqual([new Error('the login has run out')]);
  link.cut();
  await until('it has been called again', () => calls === 3);
  await anna.connected();
  expect(reasons).toEqual(['token-failed', 'closed']);
});

it('[SDK5] a token that is no text is one that failed', async () => {
  using folder = temporaryFolder();
  await using server = await ServerProcess.start({ data: folder.path });
  const tokens: unknown[] = [undefined, { token: 'text' }, 'text'];
  await using anna = new SdkClient({
    url: server.sync,
    // As an app without types may have it.
    token: async () => tokens.shift() as string,
  });
  const notes = anna.open(document);
  await notes.synced();
  expect(anna.reported.map((error) => error instanceof TypeError)).toEqual([true, true]);
  expect(anna.sockets).toBe(3);
});

it('[SDK4] [SDK5] a client that is rejected for good waits until the application has mended the cause', async () => {
  using folder = temporaryFolder();
  await using server = await ServerProcess.start({
    data: folder.path,
    arguments: ['--max-frame', '65536'],
  });
  let token = 'a word too many '.repeat(5_000);
  await using anna = new SdkClient({ url: server.sync, token: async () => token });
  const notes = anna.open(document);
  write(notes, 'kept');
  await anna.reaches('rejected');
  expect(anna.client.status.connection).toMatchObject({
    error: { name: 'SyncError', code: 'frame_too_large' },
  });
  expect(notes.status.uploads).toMatchObject({ isSaved: false, edits: 1 });
  // One more document is no reason to try again.
  anna.open('another document');
  expect(anna.sockets).toBe(1);
  token = 'a word';
  anna.client.retry();
  await notes.saved();
  expect(anna.sockets).toBe(2);
});

it('[SDK4] a listener that tries again in the midst of a loss makes no second connection', async () => {
  using folder = temporaryFolder();
  await using server = await ServerProcess.start({ data: folder.path });
  await using link = await SlowProxy.open({ port: server.port });
  await using anna = new SdkClient({ url: link.sync });
  const notes = anna.open(document);
  await notes.synced();
  const end = notes.onStatus(({ connection }) => {
    if (connection.state === 'waiting') anna.client.retry();
  });
  link.cut();
  await until(
    'it is connected again',
    () => link.connections > 1 && notes.status.downloads.state === 'current',
  );
  end();
  expect(anna.sockets).toBe(2);
  expect(await metric(server, 'connections')).toBe(1);
});

it('[SDK4] an address that is none is refused where it is given', () => {
  for (const url of ['not an address', 'ftp://somewhere/sync', '/sync']) {
    expect(() => new SdkClient({ url })).toThrow(TypeError);
  }
});

it('[SDK4] a socket that the platform will not open is one that cannot be reached', async () => {
  await using anna = new SdkClient({ url: 'ws://127.0.0.1:1/sync#fragment' });
  const notes = anna.open(document);
  expect(notes.status.connection).toMatchObject({ state: 'waiting', reason: 'unreachable' });
  await until('it is tried again', () => anna.sockets >= 3);
  expect(anna.reported).toHaveLength(anna.sockets);
});
