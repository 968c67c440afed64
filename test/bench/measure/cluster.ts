// Replicas that are measured, each a process of its own on a real folder and linked on loopback, directly or through what
// counts the bytes.
import { ServerProcess, temporaryFolder } from '../../support/server.ts';
import { until } from '../../support/until.ts';
import type { Target } from '../load/target.ts';
import { CountingLink } from './counting-link.ts';
import { drained } from './drained.ts';
import { type Layout, letterOf } from './layout.ts';

/** Of `GET /v1/status`, what is asked here. */
interface Status {
  readonly sequence: number;
  readonly links: readonly { readonly state: string; readonly ackedSequence?: number }[];
}

export interface CountedLink {
  /** The one that dials first. */
  readonly between: readonly [number, number];
  readonly counting: CountingLink;
}

export class Cluster implements AsyncDisposable {
  readonly #resources = new AsyncDisposableStack();
  readonly #layout: Layout;
  readonly #isCounted: boolean;
  readonly #replicas: ServerProcess[] = [];
  /** Empty where nothing is counted. */
  readonly links: CountedLink[] = [];

  private constructor(layout: Layout, isCounted: boolean) {
    this.#layout = layout;
    this.#isCounted = isCounted;
  }

  /** Resolves when every link is live. */
  static async start(layout: Layout, isCounted = false): Promise<Cluster> {
    const cluster = new Cluster(layout, isCounted);
    try {
      for (let number = 0; number < layout.replicas; number += 1) await cluster.#add(number);
      await until('every link is live', async () => {
        const all = await cluster.#statuses();
        return all.every(({ links }, number) => live(links) === cluster.#degreeOf(number));
      });
      return cluster;
    } catch (error) {
      await cluster[Symbol.asyncDispose]();
      throw error;
    }
  }

  get pids(): readonly number[] {
    return this.#replicas.map(({ pid }) => pid);
  }

  /** Where a client of a replica connects. */
  target(replica: number): Target {
    return { dialect: 'native', server: this.#replicas[replica]!.sync, isShared: false };
  }

  /** Resolves when every replica has what those have that it is linked with. */
  async settled(): Promise<void> {
    await until('everybody has everything', async () => {
      const all = await this.#statuses();
      return all.every(({ sequence, links }) => links.every((link) => link.ackedSequence === sequence));
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#resources.disposeAsync();
  }

  async #add(number: number): Promise<void> {
    const folder = this.#resources.use(temporaryFolder());
    const flags = ['--name', letterOf(number)];
    for (const between of this.#layout.links) {
      const [dialing, dialed] = between;
      if (dialing === number)
        flags.push('--peer', `ws://127.0.0.1:${await this.#portFor(between, dialed)}/replicate`);
    }
    const server = await ServerProcess.start({ data: folder.path, arguments: flags });
    this.#resources.defer(() => drained(server));
    this.#replicas.push(server);
  }

  async #portFor(between: readonly [number, number], dialed: number): Promise<number> {
    const { port } = this.#replicas[dialed]!;
    if (!this.#isCounted) return port;
    const counting = this.#resources.use(await CountingLink.open(port));
    this.links.push({ between, counting });
    return counting.port;
  }

  #degreeOf(number: number): number {
    return this.#layout.links.filter((link) => link.includes(number)).length;
  }

  #statuses(): Promise<Status[]> {
    return Promise.all(
      this.#replicas.map(async ({ http }) => (await (await fetch(`${http}/v1/status`)).json()) as Status),
    );
  }
}

function live(links: Status['links']): number {
  return links.filter(({ state }) => state === 'live').length;
}
