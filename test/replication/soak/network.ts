// Three replicas, each linked with both others, and the links between them, which can be cut one by one.
import type { Replica } from '../../support/replica.ts';
import { Cluster, mesh } from '../../support/cluster.ts';

export const names = ['east', 'north', 'west'] as const;
export type Name = (typeof names)[number];

export interface Network extends AsyncDisposable {
  /** In words, for the report. */
  readonly kind: string;
  /** How long it takes a replica to know that a link is cut: at once if it is told, or when nothing was heard for too long. */
  readonly noticedWithinMs: number;
  readonly replicas: readonly Replica[];
  cut(one: Name, other: Name): Promise<void>;
  heal(one: Name, other: Name): Promise<void>;
}

/** Through proxies, with latency and jitter from a seed: wherever there are no namespaces to be had. */
export async function proxied(seed: number): Promise<Network> {
  const cluster = await Cluster.start({ names, links: mesh(names), seed, latencyMs: 5, jitterMs: 20 });
  return {
    kind: 'TCP proxies, 5 to 25 ms each way',
    noticedWithinMs: 2_000,
    replicas: cluster.replicas,
    cut: async (one, other) => cluster.link(one, other).cut(),
    heal: async (one, other) => cluster.link(one, other).heal(),
    [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose](),
  };
}
