// What it takes until an update is stored and seen, under a steady load, and the processor time that servers need meanwhile.
import type { SteadyCommand, SteadyReport } from '../load/steady.ts';
import type { Target } from '../load/target.ts';
import { LoadProcess } from './load-process.ts';
import { processorUs } from './process-cost.ts';
import { quantile } from './statistics.ts';

export const steadySize = { perSecond: 500, warmUp: 2_500, updates: 8_000 };

/** Servers, and who uses them. */
export interface Served {
  readonly pids: readonly number[];
  readonly documents: number;
  readonly writer: Target;
  /** One of each document at each of these. */
  readonly readers: readonly Target[];
}

interface Spread {
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export interface SteadyRun {
  readonly sentToSeen: Spread;
  /** Undefined for servers that do not say what is stored. */
  readonly sentToStored: Spread | undefined;
  readonly storedToSeen: Spread | undefined;
  /** For an update, of each server. */
  readonly processorUs: readonly number[];
}

export async function measureSteady({ pids, ...joining }: Served): Promise<SteadyRun> {
  await using load = new LoadProcess<SteadyCommand>('steady');
  const { perSecond, warmUp, updates } = steadySize;
  await load.ask({ do: 'join', ...joining, updates: warmUp + updates });
  await load.ask({ do: 'type', updates: warmUp, perSecond });
  const before = pids.map(processorUs);
  const report = await load.ask<SteadyReport>({ do: 'type', updates, perSecond });
  return {
    sentToSeen: spreadOf(report.sentToSeenMs),
    sentToStored: isTold(report.sentToStoredMs),
    storedToSeen: isTold(report.storedToSeenMs),
    processorUs: pids.map((pid, server) => (processorUs(pid) - before[server]!) / updates),
  };
}

function isTold(valuesMs: readonly number[]): Spread | undefined {
  return valuesMs.length > 0 ? spreadOf(valuesMs) : undefined;
}

function spreadOf(valuesMs: readonly number[]): Spread {
  return { p50Ms: quantile(valuesMs, 0.5), p99Ms: quantile(valuesMs, 0.99) };
}
