// Two replicas that replicate, and people who type to each other across both: what happens to one of them meanwhile must harm
// neither its link with the other nor anybody's line.
import { strict as assert } from 'node:assert';
import type { LinkStatus } from '@syncline/server/replication/contract.ts';
import { Bystanders, type Talk } from '../support/bystanders.ts';
import { chain, Cluster, type ClusterSettings } from '../support/cluster.ts';
import { linkTo, statusOf } from '../support/scrape.ts';
import type { ServerProcess } from '../support/server.ts';

const names = ['east', 'north'];

export class Unharmed implements AsyncDisposable {
  readonly #cluster: Cluster;

  private constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  static async start(settings: Pick<ClusterSettings, 'arguments'> = {}): Promise<Unharmed> {
    const cluster = await Cluster.start({ ...settings, names, links: chain(names) });
    await cluster.live();
    return new Unharmed(cluster);
  }

  /** Who is attacked. */
  get east(): ServerProcess {
    return this.#cluster.replica('east').server;
  }

  get north(): ServerProcess {
    return this.#cluster.replica('north').server;
  }

  /** Runs `work`; then holds that nobody else has noticed it. */
  async during(work: () => Promise<void>): Promise<Talk> {
    const before = await this.#link();
    const talk = await Bystanders.during(this.east, work, this.north);
    const { isConnected, reconnects } = await this.#link();
    assert.deepEqual({ isConnected, reconnects }, { isConnected: true, reconnects: before.reconnects });
    await this.#cluster.agree();
    return talk;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#cluster[Symbol.asyncDispose]();
  }

  async #link(): Promise<LinkStatus> {
    return linkTo(await statusOf(this.north), 'east');
  }
}
