// Measures what links between two real replicas cost with very many documents: `npm run costs`, with --write into docs/costs.md. It wants
// the machine for itself. Ends with 1 where something costs more than it may.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { machine } from '../bench/report/machine.ts';
import { table } from '../bench/report/table.ts';
import { OfflineReplica } from '../support/offline-replica.ts';
import type { Replica } from '../support/replica.ts';
import { linkTo, metricsOf, statusOf } from '../support/scrape.ts';
import { documentNames, SeededPair } from '../support/seeded-pair.ts';
import { until } from '../support/until.ts';

/** One thing that was measured, with what it may be at most. */
interface Row {
  readonly what: string;
  readonly measured: number;
  readonly most: number;
  readonly unit: 'bytes' | 'ms';
}

const { values } = parseArgs({
  options: {
    documents: { type: 'string', default: '100000' },
    changed: { type: 'string', default: '10000' },
    write: { type: 'boolean', default: false },
  },
});
const documents = Number(values.documents);
const changed = Number(values.changed);
/** Seeding, starting and waiting on a machine that is busy. */
const patienceMs = 120_000;

const facts = machine();
const rows: Row[] = [];
await using pair = await SeededPair.start(documents);
await pair.verified(patienceMs);
say('two replicas are equal');
await reconnect();
await repair();
await catchUp();
console.log(`\n${report()}`);
if (values.write) writeFileSync(join(import.meta.dirname, '../../docs/costs.md'), page());
if (rows.some(({ measured, most }) => measured > most)) process.exitCode = 1;

/** The link breaks and is made again, with nothing changed. */
async function reconnect(): Promise<void> {
  let bytes = 0;
  for (let times = 0; times < 3; times++) {
    const mark = pair.proxy.total;
    pair.proxy.drop();
    await pair.live(patienceMs);
    bytes = Math.max(bytes, await pair.quiet(mark));
  }
  add({
    what: `a link made again, nothing changed among ${count(documents)} documents`,
    measured: bytes,
    most: 2_000,
    unit: 'bytes',
  });
}

/** One replica has something that no feed tells the other of; what is said until both know that they are equal. */
async function repair(): Promise<void> {
  await pair.whileDown(async () => {
    await using east = await OfflineReplica.open(pair.east.data);
    await using north = await OfflineReplica.open(pair.north.data);
    await east.type(['notes/17'], 'hidden');
    await north.hasReadAllOf(east);
  });
  const mark = pair.proxy.total;
  await pair.live(patienceMs);
  await pair.verified(patienceMs);
  const { auditRepairedDocuments } = linkTo(await statusOf(pair.north.server), 'east').counts;
  if (auditRepairedDocuments !== 1) throw new Error(`an audit repaired ${auditRepairedDocuments} documents`);
  add({
    what: `one document that differs among ${count(documents)}, found by itself and repaired`,
    measured: pair.proxy.total - mark,
    most: 50_000,
    unit: 'bytes',
  });
}

/** Many documents have changed at one replica while the link was cut. */
async function catchUp(): Promise<void> {
  await pair.whileDown(async () => {
    await using east = await OfflineReplica.open(pair.east.data);
    await east.type(documentNames(changed), 'anew');
    pair.proxy.cut();
  });
  await Promise.all([blockedMs(pair.east), blockedMs(pair.north)]);
  const [mark, connections] = [pair.proxy.total, pair.proxy.connections];
  pair.proxy.heal();
  await until('it is dialed', () => pair.proxy.connections > connections, patienceMs);
  const beganMs = performance.now();
  // Asking costs, too: seldom enough that it is not what is measured.
  await until('north has caught up', () => hasCaughtUp(), patienceMs);
  const tookMs = performance.now() - beganMs;
  const what = `${count(changed)} documents that changed while it was cut`;
  add({ what: `${what}: caught up after`, measured: tookMs, most: 10_000, unit: 'ms' });
  add({
    what: `${what}: on the wire`,
    measured: pair.proxy.total - mark,
    most: changed * 200,
    unit: 'bytes',
  });
  for (const [name, replica] of [
    ['who sends', pair.east],
    ['who receives', pair.north],
  ] as const) {
    const blocked = await blockedMs(replica);
    add({
      what: `${what}: the event loop of ${name} was blocked for at most`,
      measured: blocked,
      most: 100,
      unit: 'ms',
    });
  }
  await pair.agree(patienceMs);
}

async function hasCaughtUp(): Promise<boolean> {
  const { links, sequence } = await statusOf(pair.east.server);
  if (links.some((link) => link.isConnected && link.ackedSequence === sequence)) return true;
  await new Promise((resolve) => setTimeout(resolve, 100));
  return false;
}

/** The longest since this was asked for last. */
async function blockedMs({ server }: Replica): Promise<number> {
  return (await metricsOf(server)).get('nodejs_eventloop_lag_max_seconds')! * 1_000;
}

function add(row: Row): void {
  rows.push(row);
  say(`${row.what}: ${shown(row.measured, row.unit)}`);
}

function report(): string {
  const cells = rows.map(({ what, measured, most, unit }) => [
    what,
    shown(measured, unit),
    shown(most, unit),
  ]);
  return table(['what', 'measured', 'at most'], cells);
}

function page(): string {
  return `# What links cost

Written by \`npm run costs -- --write\`; do not edit.

Two replicas as processes of their own, ${count(documents)} documents at each. Bytes are those of both directions through a TCP
proxy between them, from the first byte of a connection on: the upgrade, both greetings, both resumptions and both first beats are in
them. Where a link is made again with nothing changed, it is counted until nothing more comes, and ends before the next beat is due, which
is then some 250 bytes from each side every five seconds; where a document is repaired, the beats until both know that they are equal are counted as well.
The event loop's delay is the longest that each process has measured of itself.

- Date: ${facts.date}
- Machine: ${facts.processor}, ${facts.memoryGb} GB, load ${facts.load.toFixed(1)} before the run
- Node ${facts.node}

${report()}
`;
}

function shown(value: number, unit: Row['unit']): string {
  return `${count(Math.round(value))} ${unit === 'bytes' ? 'B' : 'ms'}`;
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}

function say(what: string): void {
  console.error(what);
}
