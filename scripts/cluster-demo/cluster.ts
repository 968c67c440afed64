// Three replicas, each with its own folder, and a line between every two that can be cut.
import { join } from 'node:path';
import type { ClusterStatus } from '@syncline/server/replication/contract.ts';
import type { Place, Snapshot } from '../../client/cluster-demo/snapshot.ts';
import { LinkProxy } from './link-proxy.ts';
import { ReplicaProcess } from './replica-process.ts';
import { snapshotOf } from './snapshot-of.ts';

/** Each dials the next one, so that every two of them have one connection. */
const places = [
  { place: 'lisbon', name: 'Lisbon' },
  { place: 'oslo', name: 'Oslo' },
  { place: 'nairobi', name: 'Nairobi' },
] as const;

/** A replica that takes longer to answer is shown as one that does not. */
const answerWithinMs = 2_000;

interface Replica {
  readonly place: Place;
  readonly name: string;
  readonly process: ReplicaProcess;
}

interface Line {
  readonly id: string;
  readonly ends: readonly [Place, Place];
  readonly proxy: LinkProxy;
}

export class Cluster {
  readonly #replicas: readonly Replica[];
  readonly #lines: readonly Line[];

  private constructor(replicas: readonly Replica[], lines: readonly Line[]) {
    this.#replicas = replicas;
    this.#lines = lines;
  }

  /** Starts all of them on folders below `folder`. Rejects when one cannot be started, and has ended the others then. */
  static async start(folder: string): Promise<Cluster> {
    const lines: Line[] = await Promise.all(
      places.map(async ({ place }, index) => {
        const next = places[(index + 1) % places.length]!.place;
        return { id: `${place}-${next}`, ends: [place, next], proxy: await LinkProxy.open() } as const;
      }),
    );
    const started = await Promise.allSettled(
      places.map(async ({ place, name }) => {
        const peerPorts = lines.filter(({ ends }) => ends[0] === place).map(({ proxy }) => proxy.port);
        const process = await ReplicaProcess.start({ name, folder: join(folder, place), peerPorts });
        for (const { ends, proxy } of lines) if (ends[1] === place) proxy.leadTo(process.port);
        return { place, name, process };
      }),
    );
    const replicas = started.flatMap((each) => (each.status === 'fulfilled' ? each.value : []));
    const cluster = new Cluster(replicas, lines);
    const failure = started.find((each) => each.status === 'rejected');
    if (!failure) return cluster;
    await cluster.stop();
    throw failure.reason;
  }

  /** Where clients connect, by place. */
  get syncUrls(): readonly string[] {
    return this.#replicas.map(({ process }) => process.sync);
  }

  hasLine(id: string): boolean {
    return this.#lines.some((line) => line.id === id);
  }

  /** Cuts lines, or makes them whole again. */
  cut(ids: readonly string[], isCut: boolean): void {
    for (const { id, proxy } of this.#lines) if (ids.includes(id)) proxy.isCut = isCut;
  }

  async snapshot(): Promise<Snapshot> {
    const replicas = await Promise.all(
      this.#replicas.map(async ({ place, name, process }) => ({
        place,
        name,
        sync: process.sync,
        status: await statusOf(process.http),
      })),
    );
    const lines = this.#lines.map(({ id, ends, proxy }) => ({ id, ends, isCut: proxy.isCut }));
    return snapshotOf(replicas, lines);
  }

  async stop(): Promise<void> {
    await Promise.all(this.#replicas.map(({ process }) => process.stop()));
    for (const { proxy } of this.#lines) proxy.close();
  }
}

async function statusOf(http: string): Promise<ClusterStatus | undefined> {
  try {
    const answer = await fetch(`${http}/v1/status`, { signal: AbortSignal.timeout(answerWithinMs) });
    return answer.ok ? ((await answer.json()) as ClusterStatus) : undefined;
  } catch {
    return undefined;
  }
}
