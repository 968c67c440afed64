// The measured runs as one table for each benchmark: medians, and everybody as a ratio to somebody.
import type { BurstRun } from '../measure/burst.ts';
import type { IdleRun } from '../measure/idle.ts';
import type { OpenRun } from '../measure/open.ts';
import { medianOf } from '../measure/statistics.ts';
import { burstExpectation, expected, idleExpectation, openExpectation } from './expectations.ts';
import { range, ratio, type Runs } from './runs.ts';
import { table } from './table.ts';

export function burstTable(runs: Runs<BurstRun>): string {
  const cost = (run: BurstRun) => run.processorUs;
  return table(
    [
      'peer',
      'CPU an update',
      'lowest–highest',
      '× relay',
      '× syncline',
      'expected',
      'p50',
      'p99',
      'updates/s',
      'bytes out',
      'frames out',
    ],
    [...runs].map(([name, own]) => [
      name,
      `${medianOf(own, cost).toFixed(1)} µs`,
      range(own, cost),
      ratio(runs, { name, base: 'relay', cost }),
      ratio(runs, { name, base: 'syncline', cost }),
      expected(burstExpectation, name),
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
    [...runs].map(([name, own]) => [
      name,
      `${medianOf(own, cost).toFixed(1)} KB`,
      range(own, cost),
      ratio(runs, { name, base: 'relay', cost }),
      expected(idleExpectation, name),
      `${medianOf(own, (run) => run.fewMb).toFixed(0)} MB`,
      `${medianOf(own, (run) => run.manyMb).toFixed(0)} MB`,
    ]),
  );
}

export function openTable(runs: Runs<OpenRun>): string {
  const cost = (run: OpenRun) => run.processorUs / 1_000;
  return table(
    [
      'peer',
      'CPU an opening',
      'lowest–highest',
      '× y-websocket-2',
      'expected',
      'p50',
      'p99',
      'bytes in',
      'bytes out',
    ],
    [...runs].map(([name, own]) => [
      name,
      `${medianOf(own, cost).toFixed(2)} ms`,
      range(own, cost, 2),
      ratio(runs, { name, base: 'y-websocket-2', cost }),
      expected(openExpectation, name),
      `${medianOf(own, (run) => run.p50Ms).toFixed(1)} ms`,
      `${medianOf(own, (run) => run.p99Ms).toFixed(1)} ms`,
      medianOf(own, (run) => run.bytesUp).toFixed(0),
      medianOf(own, (run) => run.bytesDown).toFixed(0),
    ]),
  );
}
