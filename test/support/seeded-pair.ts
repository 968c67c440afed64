// Two replicas with the same documents, of which each has read all of the other: the state in which links are made again every day.
import { cpSync } from 'node:fs';
import { reidentify } from '@syncline/server/store/reidentify.ts';
import { chain, Cluster } from './cluster.ts';
import type { LinkProxy } from './link-proxy.ts';
import { OfflineReplica } from './offline-replica.ts';
import type { Replica } from './replica.ts';
import { linkTo, statusOf } from './scrape.ts';
import { until } from './until.ts';

const names = ['east', 'north'];
/** Nothing comes for so long, and nothing is due for some seconds more: the next beat. */
const quietMs = 1_500;

export function documentNames(count: number): string[] {
  return Array.from({ length: count }, (_, at) => `notes/${at}`);
}

export class SeededPair implements AsyncDisposable {
  readonly #cluster: Cluster;
  readonly east: Replica;
  readonly north: Replica;

  private constructor(cluster: Cluster) {
    this.#cluster = cluster;
    [this.east, this.north] = cluster.replicas as [Replica, Replica];
  }

  /** Resolves when the two are linked and equal; north dials east. */
  static async start(documents: number): Promise<SeededPair> {
    const cluster = await Cluster.start({
      names,
      links: chain(names),
      prepare: async ([east, north]) => {
        const offline = await OfflineReplica.open(east!.data);
        await offline.type(documentNames(documents), 'hello');
        await offline[Symbol.asyncDispose]();
        cpSync(east!.data, north!.data, { recursive: true });
        reidentify(north!.data);
      },
    });
    const pair = new SeededPair(cluster);
    await pair.live();
    return pair;
  }

  get proxy(): LinkProxy {
    return this.#cluster.link('east', 'north');
  }

  /** Runs `work` while neither process runs, and starts both. */
  async whileDown(work: () => Promise<void>): Promise<void> {
    await Promise.all(this.#cluster.replicas.map((replica) => replica.end('SIGTERM')));
    await work();
    await this.#cluster.startAll();
  }

  async live(timeoutMs = 120_000): Promise<void> {
    await this.#cluster.live(timeoutMs);
  }

  async agree(timeoutMs?: number): Promise<void> {
    await this.#cluster.agree(timeoutMs);
  }

  /** Resolves when both say that they were equal at a time after this call. */
  async verified(timeoutMs?: number): Promise<void> {
    const sinceMs = Date.now();
    await until(
      'both say that they are equal',
      async () => (await this.#cluster.statuses()).every(({ verifiedAtMs = 0 }) => verifiedAtMs > sinceMs),
      timeoutMs,
    );
  }

  /** Resolves when north has read everything of east. */
  async caughtUp(timeoutMs?: number): Promise<void> {
    await until(
      'north has all of east',
      async () => {
        const status = await statusOf(this.east.server);
        return linkTo(status, 'north').ackedSequence === status.sequence;
      },
      timeoutMs,
    );
  }

  /** Resolves when nothing has come through for a while, with what has come through since `mark`. */
  async quiet(mark = 0): Promise<number> {
    let total = -1;
    let sinceMs = 0;
    await until('nothing is said', () => {
      const now = performance.now();
      if (this.proxy.total !== total) sinceMs = now;
      total = this.proxy.total;
      return now - sinceMs > quietMs;
    });
    return total - mark;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#cluster[Symbol.asyncDispose]();
  }
}
