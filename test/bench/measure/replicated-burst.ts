// What an update costs each replica while writers at the first one type as fast as their readers there receive: processor time
// until everybody has everything.
import type { BurstCommand } from '../load/burst.ts';
import { burstSize } from './burst.ts';
import { Cluster } from './cluster.ts';
import type { Layout } from './layout.ts';
import { LoadProcess } from './load-process.ts';
import { processorUs } from './process-cost.ts';

/** Of each replica, for an update. */
export async function measureReplicatedBurst(layout: Layout): Promise<number[]> {
  await using cluster = await Cluster.start(layout);
  await using load = new LoadProcess<BurstCommand>('burst');
  const { documents, warmUp, updates } = burstSize;
  const warm = warmUp / documents;
  const through = warm + updates / documents;
  await load.ask({ do: 'join', target: cluster.target(0), documents, updates: through });
  await load.ask({ do: 'type', through: warm });
  await cluster.settled();

  const before = cluster.pids.map(processorUs);
  await load.ask({ do: 'type', through });
  await cluster.settled();
  return cluster.pids.map((pid, replica) => (processorUs(pid) - before[replica]!) / updates);
}
