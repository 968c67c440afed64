// One identity is one running replica: a copy of a data folder, and an address that is one's own, are refused and harm nobody.
import { randomBytes } from 'node:crypto';
import { cpSync } from 'node:fs';
import { expect, it } from 'vitest';
import { chain, Cluster } from '../support/cluster.ts';
import { syncline } from '../support/command.ts';
import { RawReplica } from '../support/raw-replica.ts';
import type { Replica } from '../support/replica.ts';
import { linkTo, statusOf } from '../support/scrape.ts';
import { ServerProcess, temporaryFolder } from '../support/server.ts';
import { SdkTypist } from '../support/typist.ts';
import { until } from '../support/until.ts';
import { Unharmed } from './unharmed.ts';

const names = ['east', 'north'];

function logged(server: ServerProcess, event: string): Record<string, string>[] {
  const records = server.log.map((line) => JSON.parse(line) as Record<string, string>);
  return records.filter((record) => record['event'] === event);
}

it.concurrent('[REP36] an address that is its own is refused, and dialed rarely', async () => {
  await using pair = await Unharmed.start();
  using folder = temporaryFolder();
  await pair.during(async () => {
    // It knows its port only once it listens.
    await using first = await ServerProcess.start({ data: folder.path });
    const { port } = first;
    await first.end();
    const peers = ['--peer', `ws://127.0.0.1:${port}/replicate`];
    await using server = await ServerProcess.start({ data: folder.path, port, arguments: peers });
    const link = async () => (await statusOf(server)).links[0]!;
    await until('it is refused', async () => (await link()).state === 'refused');
    expect(await link()).toMatchObject({ isConnected: false, reason: expect.stringContaining('itself') });
  });
});

it.concurrent(
  '[REP36] a copy that runs beside the original is refused, and is a replica of its own after reidentify',
  async () => {
    await using cluster = await Cluster.start({ names, links: chain(names) });
    const [east, north] = cluster.replicas as [Replica, Replica];
    await using anna = new SdkTypist({ replica: east, document: 'notes', name: 'anna' });
    await using ben = new SdkTypist({ replica: north, document: 'notes', name: 'ben' });
    anna.type();
    await anna.saved();
    await cluster.agree();
    using folder = temporaryFolder();
    await east.end('SIGTERM');
    cpSync(east.data, folder.path, { recursive: true });
    await east.start();
    await cluster.agree();
    const peers = [east, north].flatMap(({ port }) => ['--peer', `ws://127.0.0.1:${port}/replicate`]);
    const settings = { data: folder.path, arguments: ['--name', 'copy', ...peers] };
    await using copy = await ServerProcess.start(settings);
    await using carl = new SdkTypist({
      replica: { name: 'copy', server: copy },
      document: 'notes',
      name: 'carl',
    });
    await carl.synced();
    carl.type();
    await carl.saved();
    await until('both refuse it', async () => {
      const { links } = await statusOf(copy);
      return links.every(({ state }) => state === 'refused');
    });
    for (const { reason } of (await statusOf(copy)).links) expect(reason).toContain('`syncline reidentify`');
    expect(logged(copy, 'link').filter(({ reason }) => reason?.includes('reidentify'))).not.toEqual([]);
    // Who looks at the original's log, or at that of the others, reads of it as well.
    await until('it is logged', () => logged(north.server, 'duplicate-replica').length > 0);
    expect((await statusOf(north.server)).duplicateIdentities).toBeGreaterThan(0);
    for (const typist of [anna, ben]) typist.type();
    await Promise.all([anna.saved(), ben.saved()]);
    await cluster.agree();
    await until('the two have each other', () => anna.text === ben.text);
    expect(anna.text).not.toContain('carl');
    expect(linkTo(await statusOf(north.server), 'east')).toMatchObject({ state: 'live' });
    await copy.end('SIGTERM');
    expect(await syncline(['reidentify', '--data', folder.path])).toMatchObject({ status: 0 });
    await using other = await ServerProcess.start({ ...settings, port: copy.port });
    await until('it is linked with both', async () => {
      const { links } = await statusOf(other);
      return links.length === 2 && links.every(({ state }) => state === 'live');
    });
    await until('all have what carl has typed', () =>
      [anna, ben].every(({ text }) => text.includes('carl.0')),
    );
    await until('and he what they have', () => [anna, ben].every(({ text }) => text === carl.text));
  },
);

it.concurrent(
  '[REP36] a copy that dials others than its original does is told of in the log of one of the two',
  async () => {
    const three = ['east', 'north', 'south'];
    await using cluster = await Cluster.start({ names: three, links: chain(three) });
    const [east, , south] = cluster.replicas as [Replica, Replica, Replica];
    await cluster.agree();
    using folder = temporaryFolder();
    await east.end('SIGTERM');
    cpSync(east.data, folder.path, { recursive: true });
    await east.start();
    await cluster.agree();
    const peer = ['--peer', `ws://127.0.0.1:${south.port}/replicate`];
    await using copy = await ServerProcess.start({
      data: folder.path,
      arguments: ['--name', 'copy', ...peer],
    });
    const isTold = (): boolean =>
      [east.server, copy].some((server) => logged(server, 'duplicate-replica').length > 0);
    await until('it is logged', isTold, 60_000);
  },
);

it.concurrent('[REP36] what is left of a process that has ended is no copy of the one after it', async () => {
  using folder = temporaryFolder();
  await using server = await ServerProcess.start({ data: folder.path });
  const replica = randomBytes(16);
  using first = await RawReplica.link(server, { hello: { replica } });
  // It waits to be heard, while the first one is there.
  using left = await RawReplica.greet(server, { hello: { replica } });
  await left.hears('proof');
  first.socket.terminate();
  await until('the first one is gone', async () => (await statusOf(server)).links[0]?.isConnected === false);
  using next = await RawReplica.link(server, { hello: { replica } });
  expect((await left.refused()).code).toBe('duplicate_link');
  expect(next.ended).toBeUndefined();
  expect(logged(server, 'duplicate-replica')).toEqual([]);
});
