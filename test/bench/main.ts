// Measures Syncline side by side with its peers: what an update costs under load, a connection at rest, and a document
// that is opened.
import { writeFileSync } from 'node:fs';
import { readCommandLine, type Request, usage } from './command-line.ts';
import { measureBurst } from './measure/burst.ts';
import { measureIdle } from './measure/idle.ts';
import { measureOpen } from './measure/open.ts';
import { type Subject, type SubjectName, subjects } from './measure/subject.ts';
import { machine } from './report/machine.ts';
import { resultsPage } from './report/results.ts';
import { burstTable, idleTable, openTable } from './report/tables.ts';
import type { Runs } from './report/runs.ts';

/** Five of the burst tame its noise; the others differ less from run to run, and memory takes longer. */
const burstRuns = 5;
const idleRuns = 3;
const openRuns = 3;

const request = asked();
const facts = machine();

const burst = await sideBySide(request.taking.burst, burstRuns, async (subject) => {
  const run = await measureBurst(subject, request.warmUp);
  return { run, said: `${run.processorUs.toFixed(1)} µs an update` };
});
if (burst.size > 0) console.log(`\nBurst\n\n${burstTable(burst)}\n`);

const idle = await sideBySide(request.taking.idle, idleRuns, async (subject) => {
  const run = await measureIdle(subject, request.awareness);
  return { run, said: `${run.kbPerConnection.toFixed(1)} KB a connection` };
});
if (idle.size > 0) console.log(`\nIdle\n\n${idleTable(idle)}\n`);

const open = await sideBySide(request.taking.open, openRuns, async (subject) => {
  const run = await measureOpen(subject);
  return { run, said: `${(run.processorUs / 1_000).toFixed(2)} ms an opening` };
});
if (open.size > 0) console.log(`\nOpen\n\n${openTable(open)}\n`);

if (request.write) {
  const page = resultsPage({ machine: facts, request, burst, idle, open });
  writeFileSync(new URL('RESULTS.md', import.meta.url), page);
}

/** Everybody once in each run, so that what else the machine does falls on all of them. */
async function sideBySide<Run>(
  names: readonly SubjectName[],
  usualRuns: number,
  measure: (subject: Subject) => Promise<{ run: Run; said: string }>,
): Promise<Runs<Run>> {
  const measured = new Map<SubjectName, Run[]>(names.map((name) => [name, []]));
  const runs = request.runs ?? usualRuns;
  for (let number = 1; number <= runs; number += 1) {
    for (const [name, own] of measured) {
      const { run, said } = await measure(subjects[name]);
      own.push(run);
      console.error(`run ${number} of ${runs}  ${name.padEnd(23)} ${said}`);
    }
  }
  return measured;
}

function asked(): Request {
  try {
    return readCommandLine(process.argv.slice(2));
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
    process.exit(2);
  }
}
