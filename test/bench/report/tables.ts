// The measured runs as one table for each benchmark: medians, and each peer as a ratio to the relay.
import type { BurstRun } from '../measure/burst.ts';
import type { IdleRun } from '../measure/idle.ts';
import type { PeerName } from '../measure/peer.ts';
import { medianOf } from '../measure/statistics.ts';
import { burstExpectation, expected, idleExpectation } from './expectations.ts';
import { table } from './table.ts';

/** The runs of each peer that took part. */
export type Runs<Run> = ReadonlyMap<PeerName, readonly Run[]>;

export function burstTable(runs: Runs<BurstRun>): string {
  const cost = (run: BurstRun) => run.processorUs;
  return table(
    [
      'peer',
      'CPU an update',
      'lowest–highest',
      '× relay',
      'expected',
      'p50',
      'p99',
      'updates/s',
      'bytes out',
      'frames out',
    ],
    [...runs].map(([peer, own]) => [
      peer,
      `${medianOf(own, cost).toFixed(1)} µs`,
      range(own, cost),
      ratio(runs, { peer, cost }),
      expected(burstExpectation, peer),
      `${medianOf(own, (run) => run.p50Ms).toFixed(1)} ms`,
      `${medianOf(own, (run) => run.p99Ms).toFixed(1)} ms`,
      medianOf(own, (run) => run.updatesPerSecond).toFixed(0),
      medianOf(own, (run) => run.bytesOut).toFixed(0),
      medianOf(own, (run) => run.framesOut).toFixed(2),
    ]),
  );
}

export function idleTable(runs: Runs<IdleRun>): string {
  const cost = (run: IdleRun) => run.kbPerConnection;
  return table(
    ['peer', 'memory a connection', 'lowest–highest', '× relay', 'expected', 'at 2,000', 'at 6,000'],
    [...runs].map(([peer, own]) => [
      peer,
      `${medianOf(own, cost).toFixed(1)} KB`,
      range(own, cost),
      ratio(runs, { peer, cost }),
      expected(idleExpectation, peer),
      `${medianOf(own, (run) => run.fewMb).toFixed(0)} MB`,
      `${medianOf(own, (run) => run.manyMb).toFixed(0)} MB`,
    ]),
  );
}

function range<Run>(runs: readonly Run[], measure: (run: Run) => number): string {
  const values = runs.map(measure);
  return `${Math.min(...values).toFixed(1)}–${Math.max(...values).toFixed(1)}`;
}

function ratio<Run>(runs: Runs<Run>, { peer, cost }: { peer: PeerName; cost: (run: Run) => number }): string {
  const floor = runs.get('relay');
  return floor ? (medianOf(runs.get(peer)!, cost) / medianOf(floor, cost)).toFixed(2) : '–';
}
