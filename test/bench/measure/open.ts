// What it costs a server when somebody opens a document that is in use: processor time from the operating system, over
// many clients that come one after the other.
import type { OpenCommand, OpenReport } from '../load/open.ts';
import { LoadProcess } from './load-process.ts';
import { startPeer } from './peer.ts';
import { processorUs } from './process-cost.ts';
import { quantile } from './statistics.ts';
import type { Subject } from './subject.ts';

/** Resumed, a document costs so little that the hundredths of a second of the system would not tell how much. */
const resumptions = 2_000;

export const openSize = { openings: 200, resumptions, warmUp: 100 };

export interface OpenRun {
  readonly processorUs: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Payload of one opening, from the client and to it. */
  readonly bytesUp: number;
  readonly bytesDown: number;
  /** The document as one update. */
  readonly documentBytes: number;
}

export async function measureOpen(subject: Subject): Promise<OpenRun> {
  await using server = await startPeer(subject);
  await using load = new LoadProcess<OpenCommand>('open');
  const documentBytes = await load.ask<number>({ do: 'load', target: server.target });
  await server.putAway();

  const as = subject.isResumed ? 'resumed' : 'fresh';
  const times = subject.isResumed ? openSize.resumptions : openSize.openings;
  await load.ask({ do: 'open', times: openSize.warmUp, as });
  const before = processorUs(server.pid);
  const report = await load.ask<OpenReport>({ do: 'open', times, as });
  const spentUs = processorUs(server.pid) - before;

  return {
    processorUs: spentUs / times,
    p50Ms: quantile(report.openMs, 0.5),
    p99Ms: quantile(report.openMs, 0.99),
    bytesUp: report.bytesUp / times,
    bytesDown: report.bytesDown / times,
    documentBytes,
  };
}
