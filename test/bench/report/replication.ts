// What the page says of replication: how soon an update is seen at another replica, and what that costs.
import { type LayoutName, layouts, letterOf, type Replicating } from '../measure/layout.ts';
import { countedSize } from '../measure/link-bytes.ts';
import type { ReplicationRun } from '../measure/replication.ts';
import { medianOf } from '../measure/statistics.ts';
import { steadySize } from '../measure/steady.ts';
import { meanUpdateBytes } from '../load/typing.ts';
import { replicationExpectation } from './expectations.ts';
import { number } from './number.ts';
import { fixed, range, ratio, runCount, type Runs } from './runs.ts';
import { table } from './table.ts';

export type ReplicationRuns = Runs<ReplicationRun, Replicating>;

const none = '–';
const most = Math.max(...Object.values(layouts).map(({ replicas }) => replicas));
const letters = Array.from({ length: most }, (_, replica) => letterOf(replica));

export function replicationResults(runs: ReplicationRuns): string {
  return `${number(steadySize.perSecond)} updates a second of one typed character, ${meanUpdateBytes().toFixed(0)} bytes each, at irregular moments and however fast the servers are, into
${number(layouts.pair.documents)} documents at random: ${number(steadySize.updates)} of them after ${number(steadySize.warmUp)} to warm up. Each document has one writer, at the replica A,
and one reader at each replica that is named. Both speak the native protocol and are in one process, whose clock they share.
_Stored_ is when the writer hears that its update is on the disk of A, _seen_ is when a reader is sent it. Medians of ${runCount(runs)},
those who take part taking turns.

${layoutList()}
- The others do not replicate, and are one server, which stores nothing. Hocuspocus can through a Redis, of which none was
  at hand; servers of y-websocket 2 do not know of each other.

${latencyTable(runs)}

CPU is the whole process of each replica, with those that it starts, as the operating system counts it. Bytes are what TCP
carries of a link, frames with their heads, acknowledgements and signs of life included: ${number(countedSize.updates)} updates of a run of its own, through
a proxy that counts.

${costTable(runs)}

In a burst like that above, with writers and readers at A, and until everybody has everything:

${burstTable(runs)}`;
}

function latencyTable(runs: ReplicationRuns): string {
  const soon = ({ sentToSeen }: ReplicationRun): number => sentToSeen.p50Ms;
  return table(
    [
      'replicas',
      'stored → seen p50',
      'lowest–highest',
      'p99',
      'lowest–highest',
      'expected',
      'sent → stored p50',
      'sent → seen p50',
      'p99',
      '× alone',
    ],
    [...runs].map(([name, own]) => [
      name,
      ...spread(own, (run) => run.storedToSeen?.p50Ms),
      ...spread(own, (run) => run.storedToSeen?.p99Ms),
      replicationExpectation[name] ?? none,
      milliseconds(own, (run) => run.sentToStored?.p50Ms),
      milliseconds(own, soon),
      milliseconds(own, (run) => run.sentToSeen.p99Ms),
      ratio(runs, { name, base: 'alone', cost: soon }),
    ]),
  );
}

function costTable(runs: ReplicationRuns): string {
  const { heads, rows } = processorColumns(runs, ({ processorUs }) => processorUs);
  return table(
    ['replicas', ...heads, 'bytes an update'],
    rows.map((cells, index) => [...cells, linkBytes([...runs.values()][index]!)]),
  );
}

function burstTable(runs: ReplicationRuns): string {
  const taking = new Map([...runs].filter(([, own]) => own[0]!.burstUs));
  const { heads, rows } = processorColumns(taking, ({ burstUs }) => burstUs!);
  return table(['replicas', ...heads], rows);
}

/** What an update costs each replica, and all of them together. */
function processorColumns(
  runs: ReplicationRuns,
  costs: (run: ReplicationRun) => readonly number[],
): { heads: string[]; rows: string[][] } {
  const all = (run: ReplicationRun): number => costs(run).reduce((sum, us) => sum + us, 0);
  const heads = [...letters.map((letter) => `CPU of ${letter}`), 'of all', 'lowest–highest', '× alone'];
  const rows = Array.from(runs, ([name, own]) => [
    name,
    ...letters.map((_, replica) => microseconds(own, (run) => costs(run)[replica])),
    microseconds(own, all),
    range(own, all, 0),
    ratio(runs, { name, base: 'alone', cost: all }),
  ]);
  return { heads, rows };
}

function layoutList(): string {
  const told: Readonly<Record<LayoutName, string>> = {
    alone: 'one replica without peers, where the readers are as well: the floor',
    followed: 'the same, and a replica B that follows it',
    pair: 'A and B, the readers at B',
    chain: 'A, B and C in a row, the readers at C',
    mesh: 'A, B and C, each linked with each, a reader at B and one at C',
    'alone-one': 'as `alone`, all in one document',
    'pair-one': 'as `pair`, all in one document',
  };
  return Object.entries(told)
    .map(([name, what]) => `- \`${name}\`: ${what}.`)
    .join('\n');
}

function linkBytes(runs: readonly ReplicationRun[]): string {
  const links = runs[0]!.links.map(({ direction }, index) => {
    const bytes = medianOf(runs, (run) => run.links[index]!.bytesPerUpdate);
    return `${direction} ${bytes.toFixed(0)}`;
  });
  return links.join(', ') || none;
}

type Measure = (run: ReplicationRun) => number | undefined;

function spread(runs: readonly ReplicationRun[], measure: Measure): [median: string, range: string] {
  if (measure(runs[0]!) === undefined) return [none, none];
  return [milliseconds(runs, measure), range(runs, (run) => measure(run)!)];
}

function microseconds(runs: readonly ReplicationRun[], measure: Measure): string {
  return median(runs, measure, (value) => `${fixed(value, 0)} µs`);
}

function milliseconds(runs: readonly ReplicationRun[], measure: Measure): string {
  return median(runs, measure, (value) => `${fixed(value, 1)} ms`);
}

function median(
  runs: readonly ReplicationRun[],
  measure: Measure,
  written: (value: number) => string,
): string {
  const isMeasured = measure(runs[0]!) !== undefined;
  return isMeasured ? written(medianOf(runs, (run) => measure(run)!)) : none;
}
