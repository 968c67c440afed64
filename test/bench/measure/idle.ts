// What a connection costs a server when nothing happens: the slope of its resident memory between two
// numbers of open documents, so that what the process itself needs falls out.
import { setTimeout as delay } from 'node:timers/promises';
import type { IdleCommand } from '../load/idle.ts';
import { LoadProcess } from './load-process.ts';
import { startPeer } from './peer.ts';
import { residentKb } from './process-cost.ts';
import type { Subject } from './subject.ts';

const fewConnections = 2_000;
const manyConnections = 6_000;
/** Long enough for a server to commit, to forget what the handshake needed, and to collect if it wants to. */
const restMs = 6_000;

export const idleSize = { fewConnections, manyConnections, restMs };

export interface IdleRun {
  readonly kbPerConnection: number;
  readonly fewMb: number;
  readonly manyMb: number;
}

export async function measureIdle(subject: Subject, awareness: boolean): Promise<IdleRun> {
  await using server = await startPeer(subject);
  await using load = new LoadProcess<IdleCommand>('idle');
  const restingKb = async (connections: number): Promise<number> => {
    await load.ask({ target: server.target, connections, awareness });
    await delay(restMs);
    return residentKb(server.pid);
  };
  const few = await restingKb(fewConnections);
  const many = await restingKb(manyConnections);
  return {
    kbPerConnection: (many - few) / (manyConnections - fewConnections),
    fewMb: few / 1_024,
    manyMb: many / 1_024,
  };
}
