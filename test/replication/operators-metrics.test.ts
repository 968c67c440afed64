// What the metrics say of replication while replicas come, go and write: real servers.
import { connect } from 'node:net';
import { expect, it } from 'vitest';
import { SdkClient, textOf, write } from '../support/sdk-client.ts';
import { ServerProcess, temporaryFolder } from '../support/server.ts';
import { until } from '../support/until.ts';
import { Listener } from './listener.ts';
import { Replicas } from './replicas.ts';

type Series = ReadonlyMap<string, number>;

/** Every series of a server, by its name without the prefix and with its labels. */
async function seriesOf({ http }: ServerProcess): Promise<Series> {
  const text = await (await fetch(`${http}/metrics`)).text();
  const lines = text.split('\n').filter((line) => line.startsWith('syncline_'));
  return new Map(
    lines.map((line) => {
      const end = line.lastIndexOf(' ');
      return [line.slice('syncline_'.length, end), Number(line.slice(end))];
    }),
  );
}

/** The names and labels that a peer has, without the peer. */
function ofPeer(series: Series, peer: string): string[] {
  return [...series.keys()].filter((name) => name.includes(`="${peer}"`));
}

it('[OPR10] a peer that was never reached has all of its series from the start, and its age grows', async () => {
  using folder = temporaryFolder();
  await using nobody = await Listener.raw(() => {});
  const peer = `127.0.0.1:${nobody.port}`;
  const words = ['--peer', `ws://${peer}/replicate`];
  await using server = await ServerProcess.start({ data: folder.path, arguments: words });
  const series = await seriesOf(server);
  const expected = ['peer_connected', 'peer_rtt_seconds', 'peer_acked_seq', 'peer_pending_docs'];
  expect(expected.map((name) => series.get(`${name}{peer="${peer}"}`))).toEqual([0, 0, 0, 0]);
  expect(series.get(`peer_state{peer="${peer}",state="connecting"}`)).toBe(1);
  expect([...series.values()].every(Number.isFinite)).toBe(true);
  const age = `frontier_age_seconds{origin="${peer}"}`;
  expect(series.get(`frontier_known{origin="${peer}"}`)).toBe(0);
  await until('its age has grown', async () => (await seriesOf(server)).get(age)! > series.get(age)!);
});

it('[OPR10] lag grows while a peer is cut off, and is gone when it is back', async () => {
  await using replicas = await Replicas.start(['east', 'west']);
  const [east, west] = [replicas.of('east'), replicas.of('west')];
  const peer = `127.0.0.1:${east.port}`;
  const of = async (name: string, labels = ''): Promise<number> =>
    (await seriesOf(west)).get(`${name}{peer="${peer}"${labels}}`)!;
  await until('they are linked', async () => (await of('peer_state', ',state="live"')) === 1);
  await until(
    'east is known',
    async () => (await seriesOf(west)).get(`frontier_known{origin="${peer}"}`) === 1,
  );
  const before = await seriesOf(west);
  await east.end();
  await until('it is missed', async () => (await of('peer_connected')) === 0);
  await using anna = new SdkClient({ url: west.sync });
  const notes = anna.open('notes');
  write(notes, 'hello');
  await notes.saved();
  expect([await of('peer_pending_docs'), (await seriesOf(west)).get('feed_head')]).toEqual([1, 1]);
  const ages = ['peer_unconfirmed_age_seconds{peer', 'frontier_age_seconds{origin'].map(
    (name) => `${name}="${peer}"}`,
  );
  const cut = await seriesOf(west);
  await until('both ages grow', async () => {
    const now = await seriesOf(west);
    return ages.every((age) => now.get(age)! > cut.get(age)!);
  });
  // A series that were gone while its peer is would turn an alert off.
  expect(ofPeer(cut, peer)).toEqual(ofPeer(before, peer));
  await replicas.restart('east');
  await using ben = new SdkClient({ url: replicas.of('east').sync });
  const same = ben.open('notes');
  await until('it has come', () => textOf(same) === 'hello');
  await until('all is confirmed', async () => (await of('peer_pending_docs')) === 0);
  expect(await of('peer_unconfirmed_age_seconds')).toBe(0);
  expect(await of('peer_acked_seq')).toBe(1);
  expect(await of('peer_reconnects_total')).toBeGreaterThan(
    before.get(`peer_reconnects_total{peer="${peer}"}`)!,
  );
});

it('[OPR10] somebody who is no replica is no peer', async () => {
  using folder = temporaryFolder();
  await using server = await ServerProcess.start({ data: folder.path });
  const socket = connect(server.port, '127.0.0.1');
  socket.write('GET /replicate HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n');
  socket.write('Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n');
  await until('it is connected', async () => (await seriesOf(server)).get('connections') === 1);
  expect([...(await seriesOf(server)).keys()].filter((name) => /peer=|origin=/.test(name))).toEqual([]);
  socket.destroy();
});
