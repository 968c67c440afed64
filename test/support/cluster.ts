// Several replicas as processes of their own, each link between two of them through a proxy that can be cut.
import type { ClusterStatus } from '@syncline/server/replication/contract.ts';
import { LinkProxy, type LinkProxySettings } from './link-proxy.ts';
import { Replica } from './replica.ts';
import { linkTo, type Served, statusOf, verify } from './scrape.ts';
import { until } from './until.ts';

/** Who dials whom. */
export type Links = readonly (readonly [dialer: string, dialed: string])[];

export interface ClusterSettings extends Omit<LinkProxySettings, 'port'> {
  readonly names: readonly string[];
  readonly links: Links;
  readonly arguments?: readonly string[];
  /** Done to their folders before they are started. */
  readonly prepare?: (replicas: readonly Replica[]) => Promise<void>;
}

interface ClusterLink {
  readonly dialer: Replica;
  readonly dialed: Replica;
  readonly proxy: LinkProxy;
}

/** Each with the one before it. */
export function chain(names: readonly string[]): Links {
  return names.slice(1).map((name, at) => [name, names[at]!] as const);
}

/** Each with all before it. */
export function mesh(names: readonly string[]): Links {
  return names.flatMap((name, at) => names.slice(0, at).map((other) => [name, other] as const));
}

export class Cluster implements AsyncDisposable {
  readonly replicas: readonly Replica[];
  readonly links: readonly ClusterLink[];

  private constructor(replicas: readonly Replica[], links: readonly ClusterLink[]) {
    this.replicas = replicas;
    this.links = links;
  }

  /** Resolves when all serve; their links are made after that. */
  static async start(settings: ClusterSettings): Promise<Cluster> {
    const { names, links, arguments: words = [], prepare, seed = 1, ...line } = settings;
    const replicas = new Map<string, Replica>();
    const proxies = await Promise.all(
      links.map(([, dialed], at) =>
        LinkProxy.open({ ...line, seed: seed + at, port: () => replicas.get(dialed)!.port }),
      ),
    );
    for (const name of names) {
      const dialed = proxies.filter((_, at) => links[at]![0] === name);
      const peers = dialed.flatMap(({ port }) => ['--peer', `ws://127.0.0.1:${port}/replicate`]);
      replicas.set(name, new Replica({ name, arguments: [...words, ...peers] }));
    }
    const cluster = new Cluster(
      [...replicas.values()],
      links.map(([dialer, dialed], at) => ({
        dialer: replicas.get(dialer)!,
        dialed: replicas.get(dialed)!,
        proxy: proxies[at]!,
      })),
    );
    await prepare?.(cluster.replicas);
    await cluster.startAll();
    return cluster;
  }

  /** In turn: who is dialed is there by then. */
  async startAll(): Promise<void> {
    for (const replica of this.replicas) await replica.start();
  }

  replica(name: string): Replica {
    return this.replicas.find((each) => each.name === name)!;
  }

  /** The proxy between two replicas, whoever dials. */
  link(one: string, other: string): LinkProxy {
    const found = this.links.find(
      ({ dialer, dialed }) =>
        (dialer.name === one && dialed.name === other) || (dialer.name === other && dialed.name === one),
    );
    if (!found) throw new Error(`there is no link between ${one} and ${other}`);
    return found.proxy;
  }

  cut(): void {
    for (const { proxy } of this.links) proxy.cut();
  }

  heal(): void {
    for (const { proxy } of this.links) proxy.heal();
  }

  statuses(): Promise<ClusterStatus[]> {
    return Promise.all(this.replicas.map(({ server }) => statusOf(server)));
  }

  /** Resolves when each link is live at both of its ends. */
  async live(timeoutMs?: number): Promise<void> {
    await until('all links are live', () => this.#areAllLive(), timeoutMs);
  }

  /** Resolves when an audit of every link finds both ends equal, as both ends see it. */
  async agree(timeoutMs?: number): Promise<void> {
    await this.live(timeoutMs);
    const ends = this.links.flatMap(({ dialer, dialed }) => [
      [dialer, dialed] as const,
      [dialed, dialer] as const,
    ]);
    for (const [replica, other] of ends) {
      await until(
        `${replica.name} finds ${other.name} equal`,
        () => findsEqual(replica.server, other.name),
        timeoutMs,
      );
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.replicas.map((replica) => replica[Symbol.asyncDispose]()));
    await Promise.all(this.links.map(({ proxy }) => proxy[Symbol.asyncDispose]()));
  }

  async #areAllLive(): Promise<boolean> {
    const statuses = await this.statuses();
    const of = ({ name }: Replica): ClusterStatus => statuses.find((status) => status.name === name)!;
    return this.links.every(({ dialer, dialed }) => {
      const isKnown = [of(dialer), of(dialed)].every((status) => status.replicas.length > 1);
      return isKnown && isLive(of(dialer), dialed.name) && isLive(of(dialed), dialer.name);
    });
  }
}

function isLive(status: ClusterStatus, name: string): boolean {
  return status.links.some((link) => link.name === name) && linkTo(status, name).state === 'live';
}

async function findsEqual(server: Served, name: string): Promise<boolean> {
  const { links } = await verify(server);
  return links.some((link) => link.name === name && link.outcome === 'equal');
}
