// What goes over each link while there is a steady load: in a run of its own, so that counting delays nothing that is measured.
import type { SteadyCommand } from '../load/steady.ts';
import { Cluster } from './cluster.ts';
import { type Layout, letterOf } from './layout.ts';
import { LoadProcess } from './load-process.ts';
import { steadySize } from './steady.ts';

export const countedSize = { warmUp: 500, updates: 3_000 };

export interface LinkBytes {
  /** From one replica to another, such as `A→B`. */
  readonly direction: string;
  readonly bytesPerUpdate: number;
}

export async function countLinkBytes(layout: Layout): Promise<LinkBytes[]> {
  await using cluster = await Cluster.start(layout, true);
  await using load = new LoadProcess<SteadyCommand>('steady');
  const { warmUp, updates } = countedSize;
  const { perSecond } = steadySize;
  await load.ask({
    do: 'join',
    writer: cluster.target(0),
    readers: layout.readers.map((replica) => cluster.target(replica)),
    documents: layout.documents,
    updates: warmUp + updates,
  });
  await load.ask({ do: 'type', updates: warmUp, perSecond });
  const before = counts(cluster);
  await load.ask({ do: 'type', updates, perSecond });
  return counts(cluster).map(({ direction, bytes }, index) => ({
    direction,
    bytesPerUpdate: (bytes - before[index]!.bytes) / updates,
  }));
}

function counts({ links }: Cluster): { direction: string; bytes: number }[] {
  return links.flatMap(({ between, counting }) => {
    const [dialing, dialed] = between.map(letterOf);
    return [
      { direction: `${dialed}→${dialing}`, bytes: counting.backBytes },
      { direction: `${dialing}→${dialed}`, bytes: counting.forthBytes },
    ];
  });
}
