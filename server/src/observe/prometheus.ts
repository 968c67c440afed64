// The metrics, for Prometheus to scrape: counted in plain fields on the hot path, rendered when asked for.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { ErrorCode } from '@syncline/shared';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Notice, Observe } from '../port/observe.ts';
import { type ClusterFigures, ReplicationMetrics } from './replication-metrics.ts';

/** What is asked for at a scrape instead of being told. */
export interface Gauges {
  connections(): number;
  documents(): number;
  queuedBytes(): number;
  storage(): Promise<{ databaseBytes: number; logBytes: number }>;
}

const prefix = 'syncline_';

export class PrometheusMetrics implements Observe {
  readonly registry = new Registry();
  readonly #onNotice: (notice: Notice) => void;
  readonly #counts = {
    connections_opened_total: { help: 'WebSocket connections accepted', value: 0 },
    frames_received_total: { help: 'Frames read from clients', value: 0 },
    received_bytes_total: { help: 'Bytes of frames read from clients', value: 0 },
    frames_sent_total: { help: 'Frames sent to clients', value: 0 },
    sent_bytes_total: { help: 'Bytes of frames sent to clients', value: 0 },
    updates_applied_total: { help: 'Updates committed', value: 0 },
    update_bytes_total: { help: 'Bytes of updates committed', value: 0 },
    updates_noop_total: { help: 'Updates that added nothing', value: 0 },
    gaps_asked_total: { help: 'Times that a client was asked for updates missing here', value: 0 },
    readers_behind_total: { help: 'Times that a reader had to catch up from the log', value: 0 },
    docs_evicted_total: { help: 'Documents put out of memory at rest', value: 0 },
  };
  readonly #closed: Counter<'code'>;
  readonly #rejected: Counter<'code'>;
  readonly #commits: Counter<'outcome'>;
  readonly #commitSeconds: Histogram;
  readonly #batchUpdates: Histogram;
  readonly #compactions: Counter<'outcome'>;
  readonly #compactionSeconds: Histogram;
  readonly #scrubbed: Counter<'outcome'>;
  readonly #notices: Counter<'event'>;
  readonly #replication: ReplicationMetrics;
  #status: (() => Promise<ClusterFigures>) | undefined;

  /** `onNotice` is told what an operator should read. */
  constructor(onNotice: (notice: Notice) => void) {
    this.#onNotice = onNotice;
    const registers = [this.registry];
    for (const [name, count] of Object.entries(this.#counts)) {
      new Counter({
        name: prefix + name,
        help: count.help,
        registers,
        collect() {
          this.reset();
          this.inc(count.value);
        },
      });
    }
    this.#closed = new Counter({
      name: `${prefix}connections_closed_total`,
      help: 'Connections ended, by close code',
      registers,
      labelNames: ['code'],
    });
    this.#rejected = new Counter({
      name: `${prefix}rejected_updates_total`,
      help: 'Channels ended by a refusal, by error code',
      registers,
      labelNames: ['code'],
    });
    this.#commits = new Counter({
      name: `${prefix}storage_commits_total`,
      help: 'Commits, by outcome',
      registers,
      labelNames: ['outcome'],
    });
    this.#commitSeconds = new Histogram({
      name: `${prefix}storage_commit_duration_seconds`,
      help: 'From the start of a commit to its fsync',
      registers,
      buckets: [2e-4, 5e-4, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
    });
    this.#batchUpdates = new Histogram({
      name: `${prefix}storage_batch_updates`,
      help: 'Updates in one commit',
      registers,
      buckets: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 5e3],
    });
    this.#compactions = new Counter({
      name: `${prefix}compactions_total`,
      help: 'Compactions, by outcome',
      registers,
      labelNames: ['outcome'],
    });
    this.#compactionSeconds = new Histogram({
      name: `${prefix}compaction_duration_seconds`,
      help: 'Compactions, from reading to committing',
      registers,
      buckets: [0.005, 0.02, 0.1, 0.5, 2, 10, 60],
    });
    this.#scrubbed = new Counter({
      name: `${prefix}scrub_docs_total`,
      help: 'Documents read through as they are stored, by outcome',
      registers,
      labelNames: ['outcome'],
    });
    // An alert on the first damaged document needs a series that was there before it.
    for (const outcome of ['ok', 'damaged', 'repaired']) this.#scrubbed.inc({ outcome }, 0);
    this.#notices = new Counter({
      name: `${prefix}notices_total`,
      help: 'Events an operator should read in the log, by event',
      registers,
      labelNames: ['event'],
    });
    this.#replication = new ReplicationMetrics(prefix, this.registry);
    this.#watchEventLoop();
    collectDefaultMetrics({ register: this.registry, prefix });
  }

  /** Adds the metrics that are read from elsewhere. Called once, when elsewhere exists. */
  watch(gauges: Gauges): void {
    this.#gauge('connections', 'Open WebSocket connections', () => gauges.connections());
    this.#gauge('docs_loaded', 'Documents open in memory', () => gauges.documents());
    this.#gauge('queued_bytes', 'Bytes of updates that wait for their commit', () => gauges.queuedBytes());
    this.#gauge(
      'storage_db_bytes',
      'Size of the database',
      async () => (await gauges.storage()).databaseBytes,
    );
    this.#gauge(
      'storage_wal_bytes',
      'Size of the write-ahead log',
      async () => (await gauges.storage()).logBytes,
    );
  }

  /** Adds what is read from the status of the cluster. Called once, when there is one. */
  watchCluster(status: () => Promise<ClusterFigures>): void {
    this.#status = status;
  }

  /** Everything as text, in the format of `registry.contentType`. */
  async render(): Promise<string> {
    const status = await this.#status?.();
    if (status) this.#replication.show(status, process.uptime());
    return this.registry.metrics();
  }

  connectionOpened(): void {
    this.#counts.connections_opened_total.value++;
  }

  connectionClosed(code: number): void {
    this.#closed.inc({ code });
  }

  frameReceived(bytes: number): void {
    this.#counts.frames_received_total.value++;
    this.#counts.received_bytes_total.value += bytes;
  }

  frameSent(bytes: number): void {
    this.#counts.frames_sent_total.value++;
    this.#counts.sent_bytes_total.value += bytes;
  }

  updateAccepted(bytes: number): void {
    this.#counts.updates_applied_total.value++;
    this.#counts.update_bytes_total.value += bytes;
  }

  updateRepeated(): void {
    this.#counts.updates_noop_total.value++;
  }

  updateRefused(code: ErrorCode): void {
    this.#rejected.inc({ code });
  }

  gapAsked(): void {
    this.#counts.gaps_asked_total.value++;
  }

  readerFellBehind(): void {
    this.#counts.readers_behind_total.value++;
  }

  committed(seconds: number, updates: number, isCommitted: boolean): void {
    this.#commits.inc({ outcome: isCommitted ? 'committed' : 'failed' });
    this.#commitSeconds.observe(seconds);
    this.#batchUpdates.observe(updates);
  }

  compacted(seconds: number, outcome: 'done' | 'costly' | 'failed'): void {
    this.#compactions.inc({ outcome });
    this.#compactionSeconds.observe(seconds);
  }

  scrubbed(outcome: 'ok' | 'damaged' | 'repaired'): void {
    this.#scrubbed.inc({ outcome });
  }

  documentOpened(): void {}

  documentEvicted(): void {
    this.#counts.docs_evicted_total.value++;
  }

  notice(notice: Notice): void {
    this.#notices.inc({ event: notice.event });
    this.#onNotice(notice);
  }

  #gauge(name: string, help: string, read: () => number | Promise<number>): void {
    new Gauge({
      name: prefix + name,
      help,
      registers: [this.registry],
      async collect() {
        this.set(await read());
      },
    });
  }

  #watchEventLoop(): void {
    const delay = monitorEventLoopDelay({ resolution: 10 });
    delay.enable();
    for (const [quantile, label] of [
      [50, 'p50'],
      [99, 'p99'],
    ] as const) {
      this.#gauge(
        `event_loop_delay_${label}_seconds`,
        `Event loop delay since the last scrape, ${label}`,
        () => {
          const seconds = delay.percentile(quantile) / 1e9;
          if (quantile === 99) delay.reset();
          return Number.isFinite(seconds) ? seconds : 0;
        },
      );
    }
  }
}
