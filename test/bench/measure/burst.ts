// What an update costs a server that is busy: processor time from the operating system, while writers type
// as fast as their readers receive.
import type { BurstCommand, BurstReport } from '../load/burst.ts';
import { LoadProcess } from './load-process.ts';
import { startPeer } from './peer.ts';
import { processorUs } from './process-cost.ts';
import { quantile } from './statistics.ts';
import type { Subject } from './subject.ts';

const documents = 100;
const updatesPerDocument = 300;

export const burstSize = {
  documents,
  updates: documents * updatesPerDocument,
  /** Typed before anything is measured; with ten times as many the compiler's own work is all but gone. */
  warmUp: 3_000,
};

export interface BurstRun {
  readonly processorUs: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly updatesPerSecond: number;
  /** Sent by the server for each update, the writer's echo or acknowledgement included. */
  readonly bytesOut: number;
  readonly framesOut: number;
}

export async function measureBurst(subject: Subject, warmUp: number): Promise<BurstRun> {
  await using server = await startPeer(subject);
  await using load = new LoadProcess<BurstCommand>('burst');
  const warmUpPerDocument = Math.ceil(warmUp / documents);
  const updates = warmUpPerDocument + updatesPerDocument;
  await load.ask({ do: 'join', target: server.target, documents, updates });
  await load.ask({ do: 'type', through: warmUpPerDocument });

  const before = processorUs(server.pid);
  const report = await load.ask<BurstReport>({ do: 'type', through: updates });
  const spentUs = processorUs(server.pid) - before;

  return {
    processorUs: spentUs / burstSize.updates,
    p50Ms: quantile(report.latenciesMs, 0.5),
    p99Ms: quantile(report.latenciesMs, 0.99),
    updatesPerSecond: (burstSize.updates / report.wallMs) * 1_000,
    bytesOut: report.bytes / burstSize.updates,
    framesOut: report.frames / burstSize.updates,
  };
}
