// The metrics of replication, drawn from its status whenever they are asked for: so a lag grows while nothing happens, and a peer
// that is configured and was never reached has its series, too.
import { Counter, Gauge, type Registry } from 'prom-client';

/** Of a link, what is measured. */
export interface LinkFigures {
  readonly url: string | undefined;
  readonly replica: string | undefined;
  readonly name: string | undefined;
  readonly state: string;
  readonly isConnected: boolean;
  readonly reconnects: number;
  readonly roundTripMs: number | undefined;
  readonly sendBufferBytes: number;
  readonly ackedSequence: number | undefined;
  readonly pendingDocuments: number;
  readonly unconfirmedAgeMs: number;
  readonly verifiedAtMs: number | undefined;
  readonly divergentDocuments: number;
  readonly counts: Readonly<Record<Count, number>>;
}

/** Of a cluster, as one of its replicas sees it. */
export interface ClusterFigures {
  readonly replica: string;
  readonly name: string;
  readonly cluster: string;
  readonly epoch: string;
  readonly sequence: number;
  readonly replicas: readonly { readonly replica: string; readonly name: string }[];
  readonly links: readonly LinkFigures[];
  readonly holdings: readonly {
    readonly holder: string;
    readonly origin: string;
    readonly ageMs: number;
  }[];
  readonly regressions: number;
  readonly duplicateIdentities: number;
}

/** What a link counts, as a metric's outcome; undefined where the metric has none. */
const outcomes = {
  push_total: {
    pushSent: 'sent',
    pushSuppressed: 'suppressed_known',
    pushBehind: 'behind',
  },
  pull_entries_total: {
    entriesEqual: 'equal',
    entriesFetched: 'fetched',
    entriesCarried: 'carried',
    entriesDeleted: 'deleted',
    entriesStuck: 'stuck',
  },
  resume_total: {
    resumeAccepted: 'accepted',
    resumeDrained: 'drained_point',
    resumeAudit: 'audit',
    resumeFull: 'full',
  },
  audit_runs_total: {
    auditEqual: 'equal',
    auditRepaired: 'repaired',
    auditDivergent: 'divergent',
    auditBusy: 'busy',
  },
} as const;

const totals = {
  push_bytes_total: 'pushBytes',
  pull_pages_total: 'pullPages',
  audit_repaired_docs_total: 'auditRepairedDocuments',
} as const;

type Keys<Table> = Table extends unknown ? keyof Table : never;
type Count =
  Keys<(typeof outcomes)[keyof typeof outcomes]> | (typeof totals)[keyof typeof totals] | 'auditBytes';

const states = [
  'connecting',
  'greeting',
  'resuming',
  'auditing',
  'pulling',
  'live',
  'linked',
  'backoff',
  'refused',
];

const help: Readonly<Record<string, string>> = {
  replica_info: 'Always 1; the labels say which replica this is',
  feed_head: 'Last sequence that is committed here',
  peer_connected: 'Whether the peer is connected',
  peer_state: '1 for the state that the link is in',
  peer_reconnects_total: 'Times that a link was made again',
  peer_rtt_seconds: 'Round trip to the peer, 0 until it is measured',
  peer_acked_seq: 'Sequence through which the peer says it has committed, 0 if that was never heard',
  peer_pending_docs: 'Documents whose last entry the peer has not said it has committed',
  peer_unconfirmed_age_seconds: 'Age of the oldest entry that the peer has not said it has committed',
  peer_send_buffer_bytes: 'Bytes on their way to the peer',
  frontier_age_seconds:
    'How old the newest state of the origin is that is held here; since the start if none is known',
  frontier_known: 'Whether any state of the origin is known to be held here',
  push_total: 'Updates for the peer as they were committed, by what became of them',
  push_bytes_total: 'Bytes of updates sent as they were committed',
  pull_pages_total: "Pages of the peer's feed that were read",
  pull_entries_total: "Entries of the peer's feed, by what was done with them",
  resume_total: 'Links by how they went on from the last time',
  regressions_detected_total: 'Times that a replica had less than it had before',
  duplicate_identity_total: 'Times that two running replicas had one identity',
  audit_runs_total: 'Audits with the peer, by outcome',
  audit_divergent_docs: 'Documents that the last audit could not explain',
  audit_repaired_docs_total: 'Documents that an audit found to differ and fetched',
  audit_last_verified_timestamp_seconds: 'As of when the peer was last found equal, 0 for never',
  audit_bytes_total: 'Bytes sent and read for audits',
};

type Labels = Readonly<Record<string, string>>;

export class ReplicationMetrics {
  readonly #metrics = new Map<string, Gauge | Counter>();

  constructor(prefix: string, registry: Registry) {
    const labelNames: Readonly<Record<string, readonly string[]>> = {
      replica_info: ['name', 'replica_id', 'epoch', 'cluster'],
      peer_state: ['peer', 'state'],
      frontier_age_seconds: ['origin'],
      frontier_known: ['origin'],
      ...Object.fromEntries(Object.keys(outcomes).map((name) => [name, ['peer', 'outcome']])),
      ...Object.fromEntries(
        ['feed_head', 'regressions_detected_total', 'duplicate_identity_total', 'audit_bytes_total'].map(
          (name) => [name, []],
        ),
      ),
    };
    for (const [name, text] of Object.entries(help)) {
      const configuration = {
        name: prefix + name,
        help: text,
        labelNames: labelNames[name] ?? ['peer'],
        registers: [registry],
      };
      const Kind = name.endsWith('_total') ? Counter : Gauge;
      this.#metrics.set(name, new Kind(configuration));
    }
  }

  /** Puts what the status says in the place of what was there. */
  show(status: ClusterFigures, uptimeSeconds: number): void {
    for (const metric of this.#metrics.values()) metric.reset();
    const { replica, name, epoch, cluster } = status;
    this.#set('replica_info', { name, replica_id: replica, epoch, cluster }, 1);
    this.#set('feed_head', {}, status.sequence);
    this.#set('regressions_detected_total', {}, status.regressions);
    this.#set('duplicate_identity_total', {}, status.duplicateIdentities);
    // Where one replica has two addresses, both have its counts.
    const bytes = new Map(status.links.map((link) => [link.replica ?? link.url, link.counts.auditBytes]));
    this.#set(
      'audit_bytes_total',
      {},
      [...bytes.values()].reduce((sum, each) => sum + each, 0),
    );
    const labels = new PeerLabels(status);
    for (const link of status.links) this.#showLink(link, labels.ofLink(link));
    this.#showFrontier(status, labels, uptimeSeconds);
  }

  #showLink(link: LinkFigures, peer: string): void {
    this.#set('peer_connected', { peer }, Number(link.isConnected));
    for (const state of states) this.#set('peer_state', { peer, state }, Number(link.state === state));
    this.#set('peer_reconnects_total', { peer }, link.reconnects);
    this.#set('peer_rtt_seconds', { peer }, (link.roundTripMs ?? 0) / 1_000);
    this.#set('peer_acked_seq', { peer }, link.ackedSequence ?? 0);
    this.#set('peer_pending_docs', { peer }, link.pendingDocuments);
    this.#set('peer_unconfirmed_age_seconds', { peer }, link.unconfirmedAgeMs / 1_000);
    this.#set('peer_send_buffer_bytes', { peer }, link.sendBufferBytes);
    this.#set('audit_divergent_docs', { peer }, link.divergentDocuments);
    this.#set('audit_last_verified_timestamp_seconds', { peer }, (link.verifiedAtMs ?? 0) / 1_000);
    for (const [name, count] of Object.entries(totals)) this.#set(name, { peer }, link.counts[count]);
    for (const [name, table] of Object.entries(outcomes)) {
      for (const [count, outcome] of Object.entries(table))
        this.#set(name, { peer, outcome }, link.counts[count as Count]);
    }
  }

  /** Of every replica but this one, and of every peer that was never reached. */
  #showFrontier(status: ClusterFigures, labels: PeerLabels, uptimeSeconds: number): void {
    const others = status.replicas.filter(({ replica }) => replica !== status.replica);
    for (const { replica } of others) {
      const holding = status.holdings.find(
        ({ holder, origin }) => holder === status.replica && origin === replica,
      );
      this.#showOrigin(labels.ofReplica(replica), holding && holding.ageMs / 1_000, uptimeSeconds);
    }
    const unreached = status.links.filter(
      (link) => !others.some(({ replica }) => replica === link.replica) && link.replica !== status.replica,
    );
    for (const link of unreached) this.#showOrigin(labels.ofLink(link), undefined, uptimeSeconds);
  }

  #showOrigin(origin: string, ageSeconds: number | undefined, uptimeSeconds: number): void {
    this.#set('frontier_known', { origin }, ageSeconds === undefined ? 0 : 1);
    this.#set('frontier_age_seconds', { origin }, ageSeconds ?? uptimeSeconds);
  }

  #set(name: string, labels: Labels, value: number): void {
    const metric = this.#metrics.get(name)!;
    if (metric instanceof Gauge) metric.set(labels, value);
    else metric.inc(labels, value);
  }
}

/** What a peer is called in a label: where it is dialed, else its name, and with its id where that is another's as well. */
class PeerLabels {
  readonly #byReplica = new Map<string, string>();
  readonly #taken = new Set<string>();

  constructor({ links, replicas }: ClusterFigures) {
    for (const { url, replica } of links) {
      if (url === undefined) continue;
      this.#taken.add(hostOf(url));
      if (replica !== undefined && !this.#byReplica.has(replica)) this.#byReplica.set(replica, hostOf(url));
    }
    for (const { replica, name } of replicas) {
      if (this.#byReplica.has(replica)) continue;
      const label = this.#taken.has(name) ? `${name} ${replica.slice(0, 8)}` : name;
      this.#taken.add(label);
      this.#byReplica.set(replica, label);
    }
  }

  ofReplica(replica: string): string {
    return this.#byReplica.get(replica)!;
  }

  ofLink({ url, replica, name }: LinkFigures): string {
    if (url !== undefined) return hostOf(url);
    return (replica !== undefined && this.#byReplica.get(replica)) || name || 'unknown';
  }
}

function hostOf(url: string): string {
  return new URL(url).host;
}
