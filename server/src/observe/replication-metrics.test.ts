import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { type ClusterFigures, type LinkFigures, ReplicationMetrics } from './replication-metrics.ts';

const [east, west, south] = ['e', 'a', 'b'].map((digit) => digit.repeat(32)) as [string, string, string];

/** A link on which each count is another number. */
const link: LinkFigures = {
  url: 'ws://10.0.0.2:7070/replicate',
  replica: west,
  name: 'west',
  state: 'live',
  isConnected: true,
  reconnects: 3,
  roundTripMs: 20,
  sendBufferBytes: 99,
  ackedSequence: 7,
  pendingDocuments: 2,
  unconfirmedAgeMs: 1_500,
  verifiedAtMs: 1_800_000_000_000,
  divergentDocuments: 1,
  counts: {
    pushSent: 1,
    pushSuppressed: 2,
    pushBehind: 3,
    pushBytes: 4,
    pullPages: 5,
    entriesEqual: 6,
    entriesFetched: 7,
    entriesCarried: 8,
    entriesDeleted: 9,
    entriesStuck: 10,
    resumeAccepted: 11,
    resumeDrained: 12,
    resumeAudit: 13,
    resumeFull: 14,
    auditEqual: 15,
    auditRepaired: 16,
    auditDivergent: 17,
    auditBusy: 18,
    auditRepairedDocuments: 19,
    auditBytes: 20,
  },
};

/** One that is configured, and to which nobody has ever answered. */
const unreached: LinkFigures = {
  ...link,
  url: 'wss://sync.example/replicate',
  replica: undefined,
  name: undefined,
  state: 'backoff',
  isConnected: false,
  roundTripMs: undefined,
  ackedSequence: undefined,
  verifiedAtMs: undefined,
};

const status: ClusterFigures = {
  replica: east,
  name: 'east',
  cluster: 'default',
  epoch: '0123456789abcdef',
  sequence: 9,
  replicas: [
    { replica: east, name: 'east' },
    { replica: west, name: 'west' },
    { replica: south, name: 'west' },
  ],
  links: [link, unreached],
  holdings: [
    { holder: west, origin: east, ageMs: 1 },
    { holder: east, origin: west, ageMs: 400 },
  ],
  regressions: 5,
  duplicateIdentities: 6,
};

/** Every series by its name and labels. */
async function shown(...each: ClusterFigures[]): Promise<Map<string, number>> {
  const registry = new Registry();
  const metrics = new ReplicationMetrics('syncline_', registry);
  for (const figures of each) metrics.show(figures, 60);
  const lines = (await registry.metrics()).split('\n').filter((line) => line.startsWith('syncline_'));
  return new Map(
    lines.map((line) => {
      const end = line.lastIndexOf(' ');
      return [line.slice('syncline_'.length, end), Number(line.slice(end))];
    }),
  );
}

describe('the metrics of replication', () => {
  it('[OPR10] say of a link what its status says, each by its outcome', async () => {
    const series = await shown(status);
    const of = (name: string, labels = ''): number | undefined =>
      series.get(`${name}{peer="10.0.0.2:7070"${labels}}`);
    const outcomes = (name: string, ...values: string[]) =>
      values.map((value) => of(name, `,outcome="${value}"`));
    expect(of('peer_connected')).toBe(1);
    expect(of('peer_reconnects_total')).toBe(3);
    expect(of('peer_rtt_seconds')).toBe(0.02);
    expect(of('peer_acked_seq')).toBe(7);
    expect(of('peer_pending_docs')).toBe(2);
    expect(of('peer_unconfirmed_age_seconds')).toBe(1.5);
    expect(of('peer_send_buffer_bytes')).toBe(99);
    expect(of('audit_divergent_docs')).toBe(1);
    expect(of('audit_last_verified_timestamp_seconds')).toBe(1_800_000_000);
    expect(outcomes('push_total', 'sent', 'suppressed_known', 'behind')).toEqual([1, 2, 3]);
    expect([of('push_bytes_total'), of('pull_pages_total')]).toEqual([4, 5]);
    expect(outcomes('pull_entries_total', 'equal', 'fetched', 'carried', 'deleted', 'stuck')).toEqual([
      6, 7, 8, 9, 10,
    ]);
    expect(outcomes('resume_total', 'accepted', 'drained_point', 'audit', 'full')).toEqual([11, 12, 13, 14]);
    expect(outcomes('audit_runs_total', 'equal', 'repaired', 'divergent', 'busy')).toEqual([15, 16, 17, 18]);
    expect(of('audit_repaired_docs_total')).toBe(19);
    expect(series.get('audit_bytes_total')).toBe(40);
  });

  it('[OPR10] say which replica this is, and what it has found', async () => {
    const series = await shown(status);
    const labels = `name="east",replica_id="${east}",epoch="0123456789abcdef",cluster="default"`;
    expect(series.get(`replica_info{${labels}}`)).toBe(1);
    expect(series.get('feed_head')).toBe(9);
    expect(series.get('regressions_detected_total')).toBe(5);
    expect(series.get('duplicate_identity_total')).toBe(6);
  });

  it('[OPR10] show one state of each link', async () => {
    const series = [...(await shown(status))].filter(([name]) => name.startsWith('peer_state'));
    expect(series).toHaveLength(2 * 9);
    expect(series.filter(([, value]) => value === 1).map(([name]) => name)).toEqual([
      'peer_state{peer="10.0.0.2:7070",state="live"}',
      'peer_state{peer="sync.example",state="backoff"}',
    ]);
  });

  it('[OPR10] have every series of a peer that was never reached, and none that is no number', async () => {
    const series = await shown(status);
    const of = (peer: string): string[] =>
      [...series.keys()]
        .filter((name) => name.includes(`peer="${peer}"`))
        .map((name) => name.replace(peer, ''));
    expect(of('sync.example')).toEqual(of('10.0.0.2:7070'));
    expect([...series.values()].every(Number.isFinite)).toBe(true);
  });

  it('[OPR10] tell how old what is held of each other replica is, and since when nothing is known', async () => {
    const series = await shown(status);
    const of = (origin: string) =>
      ['known', 'age_seconds'].map((name) => series.get(`frontier_${name}{origin="${origin}"}`));
    expect(of('10.0.0.2:7070')).toEqual([1, 0.4]);
    expect(of('west')).toEqual([0, 60]);
    expect(of('sync.example')).toEqual([0, 60]);
    expect(of('east')).toEqual([undefined, undefined]);
  });

  it('[OPR10] count what concerns a replica once, at whatever addresses it is dialed', async () => {
    const series = await shown({ ...status, links: [link, { ...link, url: 'ws://west:7070/replicate' }] });
    expect(series.get('audit_bytes_total')).toBe(20);
    expect(series.get('peer_connected{peer="west:7070"}')).toBe(1);
  });

  it('[OPR10] tell replicas of one name apart', async () => {
    const inbound = { ...link, url: undefined };
    const series = await shown({
      ...status,
      links: [inbound, { ...inbound, replica: south, isConnected: false }],
    });
    expect(series.get('peer_connected{peer="west"}')).toBe(1);
    expect(series.get('peer_connected{peer="west bbbbbbbb"}')).toBe(0);
  });

  it('[OPR10] count on from where they were, and forget who is forgotten', async () => {
    const once = await shown(status);
    expect(await shown(status, status)).toEqual(once);
    const alone = { ...status, links: [], replicas: status.replicas.slice(0, 1) };
    const forgotten = [...(await shown(status, alone)).keys()];
    expect(forgotten.filter((name) => /peer=|origin=/.test(name))).toEqual([]);
  });
});
