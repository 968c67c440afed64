// Measures Syncline side by side with its peers: what an update costs under load, a connection at rest, and a document
// that is opened; and replicas side by side with one alone.
import { readFileSync, writeFileSync } from 'node:fs';
import { readCommandLine, type Request, usage } from './command-line.ts';
import { measureAutomerge } from './measure/automerge.ts';
import { measureBurst } from './measure/burst.ts';
import { measureDevice } from './measure/device.ts';
import { measureIdle } from './measure/idle.ts';
import { measureOpen } from './measure/open.ts';
import { measureReplication } from './measure/replication.ts';
import { type Benchmark, subjects } from './measure/subject.ts';
import { automergeResults } from './report/automerge.ts';
import { deviceResults } from './report/device.ts';
import { machine } from './report/machine.ts';
import { measuredOn, updated } from './report/page.ts';
import { replicationResults } from './report/replication.ts';
import { burstResults, idleResults, openResults } from './report/results.ts';
import type { Runs } from './report/runs.ts';

/** Five of the burst tame its noise; the others differ less from run to run, and memory takes longer. */
const burstRuns = 5;
const idleRuns = 3;
const openRuns = 3;
const replicationRuns = 3;
const automergeRuns = 3;
const deviceRuns = 3;

const request = asked();
const facts = machine();

const burst = await sideBySide(request.taking.burst, burstRuns, async (name) => {
  const run = await measureBurst(subjects[name], request.warmUp);
  return { run, said: `${run.processorUs.toFixed(1)} µs an update` };
});
if (burst.size > 0) tell('burst', burstResults(burst, request));

const idle = await sideBySide(request.taking.idle, idleRuns, async (name) => {
  const run = await measureIdle(subjects[name], request.awareness);
  return { run, said: `${run.kbPerConnection.toFixed(1)} KB a connection` };
});
if (idle.size > 0) tell('idle', idleResults(idle, request));

const open = await sideBySide(request.taking.open, openRuns, async (name) => {
  const run = await measureOpen(subjects[name]);
  return { run, said: `${(run.processorUs / 1_000).toFixed(2)} ms an opening` };
});
if (open.size > 0) tell('open', openResults(open));

const replication = await sideBySide(request.taking.replication, replicationRuns, async (name) => {
  const run = await measureReplication(name);
  return { run, said: `seen after ${run.sentToSeen.p50Ms.toFixed(1)} ms` };
});
if (replication.size > 0) tell('replication', replicationResults(replication));

const automerge = await sideBySide(request.taking.automerge, automergeRuns, async (name) => {
  const run = await measureAutomerge(name);
  return { run, said: `${run.of.page.processorUs.toFixed(0)} µs a change` };
});
if (automerge.size > 0) tell('automerge', automergeResults(automerge));

const device = await sideBySide(request.taking.device, deviceRuns, async (name) => {
  const run = await measureDevice(name);
  return { run, said: `${run.openMs.toFixed(0)} ms an opening` };
});
if (device.size > 0) tell('device', deviceResults(device));

/** Everybody once in each run, so that what else the machine does falls on all of them. */
async function sideBySide<Name extends string, Run>(
  names: readonly Name[],
  usualRuns: number,
  measure: (name: Name) => Promise<{ run: Run; said: string }>,
): Promise<Runs<Run, Name>> {
  const measured = new Map<Name, Run[]>(names.map((name) => [name, []]));
  const runs = request.runs ?? usualRuns;
  for (let number = 1; number <= runs; number += 1) {
    for (const [name, own] of measured) {
      const { run, said } = await measure(name);
      own.push(run);
      console.error(`run ${number} of ${runs}  ${name.padEnd(23)} ${said}`);
    }
  }
  return measured;
}

/** At once, so that what comes later cannot lose it. */
function tell(benchmark: Benchmark, results: string): void {
  console.log(`\n${results}\n`);
  if (!request.write) return;
  const path = new URL('RESULTS.md', import.meta.url);
  writeFileSync(path, updated(readFileSync(path, 'utf8'), benchmark, `${measuredOn(facts)}\n\n${results}`));
}

function asked(): Request {
  try {
    return readCommandLine(process.argv.slice(2));
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
    process.exit(2);
  }
}
