// RESULTS.md: the tables of one run of everything, with what is needed to read them.
import type { Request } from '../command-line.ts';
import { burstSize, type BurstRun } from '../measure/burst.ts';
import { idleSize, type IdleRun } from '../measure/idle.ts';
import type { Machine } from './machine.ts';
import { type Runs, burstTable, idleTable } from './tables.ts';

export interface Results {
  readonly machine: Machine;
  readonly request: Request;
  readonly burst: Runs<BurstRun>;
  readonly idle: Runs<IdleRun>;
}

export function resultsPage({ machine, request, burst, idle }: Results): string {
  return `# Results

Written by \`npm run bench -- all --write\`; do not edit. Measured side by side in one run: the ratios carry to
another machine, the absolute numbers do not.

- Date: ${machine.date}
- Machine: ${machine.processor}, ${machine.memoryGb} GB, load ${machine.load.toFixed(1)} before the first run
- Node ${machine.node}; ${machine.versions}
- Syncline stores and syncs every update to disk before it is delivered; its peers run without persistence and
  keep it in memory. The relay parses nothing and stores nothing: it is the floor.

## Burst

${number(burstSize.documents)} documents with one writer and one reader each, ${number(burstSize.updates)} updates of one typed character after
${number(request.warmUp)} to warm up, at most four of a writer's outstanding. CPU is the whole server process as the operating system
counts it; latency is from the writer's send to the reader's receipt, with every writer at work. Bytes and frames
out are per update and include what the writer is sent. Medians of ${runCount(burst)}, the peers taking turns.

${burstTable(burst)}

## Idle

Each connection opens a document of its own as a stock client does, makes one edit${request.awareness ? ', shows its cursor' : ''} and rests. Memory is
resident memory ${idleSize.restMs / 1_000} s after the last connection, no collection forced, as the slope between ${number(idleSize.fewConnections)} and
${number(idleSize.manyConnections)} connections. Medians of ${runCount(idle)}.

${idleTable(idle)}
`;
}

function number(value: number): string {
  return value.toLocaleString('en');
}

function runCount<Run>(runs: Runs<Run>): string {
  const count = [...runs.values()][0]?.length ?? 0;
  return count === 1 ? 'one run' : `${count} runs`;
}
