// Which machines of a cluster are joined.
import type { SeededRandom } from '../../support/random.ts';

export const topologies = ['pair', 'chain', 'ring', 'star', 'mesh'] as const;

export type Topology = (typeof topologies)[number];

/** Two machines that know of each other, by number. */
export type Edge = readonly [number, number];

const maxMachines = 5;

export function machineCount(topology: Topology, random: SeededRandom): number {
  return topology === 'pair' ? 2 : 3 + random.below(maxMachines - 2);
}

export function edgesOf(topology: Topology, count: number): Edge[] {
  const numbers = Array.from({ length: count }, (_, number) => number);
  const chain = numbers.slice(1).map((number): Edge => [number - 1, number]);
  switch (topology) {
    case 'pair':
    case 'chain':
      return chain;
    case 'ring':
      return [...chain, [0, count - 1]];
    case 'star':
      return numbers.slice(1).map((number): Edge => [0, number]);
    case 'mesh':
      return numbers.flatMap((number) => numbers.slice(number + 1).map((other): Edge => [number, other]));
  }
}

/** Whether each machine reaches every other one. */
export function isConnected(machines: readonly number[], edges: readonly Edge[]): boolean {
  const reached = new Set(machines.slice(0, 1));
  for (let before = 0; before < reached.size;) {
    before = reached.size;
    for (const [one, other] of edges) {
      if (!machines.includes(one) || !machines.includes(other)) continue;
      if (reached.has(one)) reached.add(other);
      else if (reached.has(other)) reached.add(one);
    }
    if (reached.size === before) break;
  }
  return reached.size === machines.length;
}
