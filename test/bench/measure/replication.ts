// Replicas side by side with one alone, and with servers that do not replicate: each layout under a steady load, its links
// counted, and some in a burst as well.
import { Cluster } from './cluster.ts';
import { bursting, type Layout, layouts, type LayoutName, type Replicating } from './layout.ts';
import { countLinkBytes, type LinkBytes } from './link-bytes.ts';
import { startPeer } from './peer.ts';
import { measureReplicatedBurst } from './replicated-burst.ts';
import { measureSteady, type SteadyRun } from './steady.ts';
import { subjects } from './subject.ts';

export interface ReplicationRun extends SteadyRun {
  /** Both directions of each link. */
  readonly links: readonly LinkBytes[];
  /** Processor time for an update in a burst, of each replica; undefined for who is not in one. */
  readonly burstUs: readonly number[] | undefined;
}

export async function measureReplication(name: Replicating): Promise<ReplicationRun> {
  return isLayout(name) ? measureLayout(name) : measureSingle(name);
}

async function measureLayout(name: LayoutName): Promise<ReplicationRun> {
  const layout: Layout = layouts[name];
  const steady = await measureReplicas(layout);
  return {
    ...steady,
    links: layout.links.length > 0 ? await countLinkBytes(layout) : [],
    burstUs: bursting.includes(name) ? await measureReplicatedBurst(layout) : undefined,
  };
}

async function measureReplicas(layout: Layout): Promise<SteadyRun> {
  await using cluster = await Cluster.start(layout);
  return await measureSteady({
    pids: cluster.pids,
    documents: layout.documents,
    writer: cluster.target(0),
    readers: layout.readers.map((replica) => cluster.target(replica)),
  });
}

async function measureSingle(name: Exclude<Replicating, LayoutName>): Promise<ReplicationRun> {
  await using server = await startPeer(subjects[name]);
  const { pid, target } = server;
  const { documents } = layouts.alone;
  const steady = await measureSteady({ pids: [pid], documents, writer: target, readers: [target] });
  return { ...steady, links: [], burstUs: undefined };
}

function isLayout(name: Replicating): name is LayoutName {
  return name in layouts;
}
