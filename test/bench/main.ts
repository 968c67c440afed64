// Measures Syncline side by side with its peers: what an update costs under load, and a connection at rest.
import { writeFileSync } from 'node:fs';
import { readCommandLine, type Request, usage } from './command-line.ts';
import { measureBurst } from './measure/burst.ts';
import { measureIdle } from './measure/idle.ts';
import type { PeerName } from './measure/peer.ts';
import { machine } from './report/machine.ts';
import { resultsPage } from './report/results.ts';
import { type Runs, burstTable, idleTable } from './report/tables.ts';

/** Five of the burst tame its noise; memory hardly differs from run to run and takes longer. */
const burstRuns = 5;
const idleRuns = 3;

const request = asked();
const facts = machine();

const burst = await sideBySide(request.burst ? (request.runs ?? burstRuns) : 0, async (peer) => {
  const run = await measureBurst(peer, request.warmUp);
  return { run, said: `${run.processorUs.toFixed(1)} µs an update` };
});
if (request.burst) console.log(`\nBurst\n\n${burstTable(burst)}\n`);

const idle = await sideBySide(request.idle ? (request.runs ?? idleRuns) : 0, async (peer) => {
  const run = await measureIdle(peer, request.awareness);
  return { run, said: `${run.kbPerConnection.toFixed(1)} KB a connection` };
});
if (request.idle) console.log(`\nIdle\n\n${idleTable(idle)}\n`);

if (request.write) {
  const page = resultsPage({ machine: facts, request, burst, idle });
  writeFileSync(new URL('RESULTS.md', import.meta.url), page);
}

/** Every peer once in each run, so that what else the machine does falls on all of them. */
async function sideBySide<Run>(
  runs: number,
  measure: (peer: PeerName) => Promise<{ run: Run; said: string }>,
): Promise<Runs<Run>> {
  const measured = new Map<PeerName, Run[]>(request.peers.map((peer) => [peer, []]));
  for (let number = 1; number <= runs; number += 1) {
    for (const [peer, own] of measured) {
      const { run, said } = await measure(peer);
      own.push(run);
      console.error(`run ${number} of ${runs}  ${peer.padEnd(14)} ${said}`);
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
