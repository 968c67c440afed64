// Links that fail as networks fail: without a word, in one direction, from the beginning. Real processes, real silence: these wait for
// as long as a replica does, all at the same time.
import { greetWithinMs, beatMs, maxSilenceMs } from '@syncline/server/replication/limits.ts';
import { describe, expect, it } from 'vitest';
import { chain, Cluster } from '../support/cluster.ts';
import type { Direction } from '../support/link-proxy.ts';
import { RawReplica } from '../support/raw-replica.ts';
import { Replica } from '../support/replica.ts';
import { linkTo, metricsOf, statusOf } from '../support/scrape.ts';
import { SdkTypist } from '../support/typist.ts';
import { until } from '../support/until.ts';

const names = ['east', 'north'];
/** It is looked at with every beat; a process on a busy machine has it a little later. */
const givenUpWithinMs = maxSilenceMs + beatMs + 3_000;

async function linkOf(replica: Replica, name: string) {
  return linkTo(await statusOf(replica.server), name);
}

describe.concurrent('[REP34] a link', () => {
  it.each<[string, readonly Direction[]]>([
    ['both directions', ['there', 'back']],
    ['one direction', ['there']],
    ['the other direction', ['back']],
  ])('that swallows what is sent in %s is given up at both ends, and made again', async (_, directions) => {
    await using cluster = await Cluster.start({ names, links: chain(names) });
    const [east, north] = cluster.replicas as [Replica, Replica];
    await cluster.live();
    await using anna = new SdkTypist({ replica: east, document: 'notes', name: 'anna' });
    await using ben = new SdkTypist({ replica: north, document: 'notes', name: 'ben' });
    await Promise.all([anna.synced(), ben.synced()]);
    const proxy = cluster.link('east', 'north');
    const beganMs = performance.now();
    proxy.swallow(...directions);
    for (const typist of [anna, ben]) typist.type();
    await Promise.all([anna.saved(), ben.saved()]);
    await until(
      'both have given it up',
      async () => !(await linkOf(east, 'north')).isConnected && !(await linkOf(north, 'east')).isConnected,
      givenUpWithinMs,
    );
    // Not sooner: a network that is slow for a moment is no reason.
    expect(performance.now() - beganMs).toBeGreaterThan(maxSilenceMs - beatMs);
    proxy.heal();
    await cluster.agree();
    for (const [one, other] of [
      [east, 'north'],
      [north, 'east'],
    ] as const)
      expect((await linkOf(one, other)).reconnects).toBeGreaterThan(0);
    await until('each has what the other has typed', () => anna.text === ben.text);
    expect(anna.text).toContain('anna.0');
    expect(anna.text).toContain('ben.0');
  });

  it('with somebody who never speaks, or no more, is given up', async () => {
    await using east = new Replica({ name: 'east', arguments: [] });
    await east.start();
    using mute = await RawReplica.dial(east.server);
    using stalled = await RawReplica.link(east.server);
    stalled.answering.beat = () => {};
    const beganMs = performance.now();
    await until('the first is given up', () => mute.ended !== undefined, greetWithinMs + 3_000);
    expect(mute.ended!.code).toBe(1008);
    await until('the second is given up', () => stalled.ended !== undefined, givenUpWithinMs);
    expect(performance.now() - beganMs).toBeGreaterThan(maxSilenceMs - beatMs);
    expect(await stalled.refused()).toEqual({ code: 'silent', close: 1008 });
  });
});

describe.concurrent('[REP35] a peer', () => {
  it('that nobody listens at is dialed until it is there', async () => {
    await using cluster = await Cluster.start({ names, links: chain(names) });
    const [east, north] = cluster.replicas as [Replica, Replica];
    await cluster.live();
    await east.end('SIGKILL');
    const peer = `peer="127.0.0.1:${cluster.link('east', 'north').port}"`;
    await until('the metrics say that it is dialed in vain', async () => {
      const metrics = await metricsOf(north.server);
      return (
        metrics.get(`peer_connected{${peer}}`) === 0 &&
        metrics.get(`peer_state{${peer},state="backoff"}`) === 1
      );
    });
    expect((await linkOf(north, 'east')).reason).not.toBe('');
    await east.start();
    await cluster.agree();
  });

  it('whose name is not known is dialed again, and the reason is told', async () => {
    const url = 'ws://nowhere.invalid:7070/replicate';
    await using east = new Replica({ name: 'east', arguments: ['--insecure', '--peer', url] });
    await east.start();
    const link = async () => (await statusOf(east.server)).links[0]!;
    await until('it has failed', async () => (await link()).reason !== '');
    expect(await link()).toMatchObject({ url, isConnected: false });
    expect((await link()).reason).toMatch(/^(the name nowhere\.invalid is not known|no name server answers)/);
    expect(['backoff', 'connecting']).toContain((await link()).state);
  });
});
