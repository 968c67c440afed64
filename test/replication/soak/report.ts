// What a long run came to: on the terminal, and in docs/soak.md.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ClusterStatus } from '@syncline/server/replication/contract.ts';
import { machine } from '../../bench/report/machine.ts';
import { table } from '../../bench/report/table.ts';
import type { Crowd } from './crowd.ts';
import type { Faults } from './faults.ts';
import { whatIsWrong } from './lag.ts';
import type { Network } from './network.ts';
import type { Outcome } from './outcome.ts';

export interface Run {
  readonly seed: number;
  readonly tookMs: number;
  readonly network: Network;
  readonly crowd: Crowd;
  readonly faults: Faults;
  readonly outcome: Outcome;
  readonly statuses: readonly ClusterStatus[];
}

const file = join(import.meta.dirname, '../../../docs/soak.md');

export function summary(run: Run): string {
  return `${results(run)}\n\n${dials(run)}`;
}

export function writeReport(run: Run): void {
  const { date, processor, memoryGb, node } = machine();
  const { seed, tookMs, network, faults } = run;
  writeFileSync(
    file,
    `# A long run

Written by \`npm run soak -- --minutes 5 --seed 1 --write\`; do not edit.

Three replicas as processes of their own, each linked with both others; at each, people who type all the while with the client SDK and
with stock y-websocket clients, and people who come, type into a document of their own and leave when it is saved; an operator who deletes
documents and lets them begin anew. Meanwhile replicas are cut off, links cut, processes killed with SIGKILL, and folders put back to an
earlier copy. In the end every replica has found every other one equal, the disks have the same digests, and exports and clients the same text.

- Date: ${date}
- Machine: ${processor}, ${memoryGb} GB, Node ${node}
- Network: ${network.kind}
- Seed ${seed}, ${(tookMs / 1_000).toFixed(0)} s

## What came of it

${results(run)}

A document is lost where one replica alone has acknowledged it, that replica is put back to a copy from before, and whoever typed it has left:
it was nowhere else. Everything else that was acknowledged is there, and nothing that nobody typed.

## What the dials showed

While a replica was cut off, the metrics of it and of the others were read every second. What is said about a replica that one cannot hear
has to grow older by a second every second: the frontier (\`syncline_frontier_age_seconds\`), and what it has not confirmed
(\`syncline_peer_unconfirmed_age_seconds\`).

${dials(run)}

## What happened

${table(
  ['second', 'what'],
  faults.happened.map(({ atSeconds, what }) => [atSeconds.toFixed(1), what]),
)}
`,
  );
}

function results({ crowd, faults, outcome, statuses }: Run): string {
  const counts = statuses.flatMap(({ links }) => links.map((link) => link.counts));
  const sum = (key: keyof (typeof counts)[number]): string =>
    String(counts.reduce((total, each) => total + each[key], 0));
  return table(
    ['what', 'how many'],
    [
      ['lines typed by people who stayed, everywhere', String(outcome.lines)],
      ['documents of people who left when theirs was acknowledged, everywhere', String(outcome.notes)],
      ['of those, lost with a disk that was put back, and nowhere else', String(outcome.gone)],
      ['deletions and new beginnings', `${crowd.deletions} and ${crowd.undeletions}`],
      ['documents in the end, deleted ones among them', `${outcome.documents}, ${outcome.deleted}`],
      ['faults', String(faults.happened.filter(({ what }) => /cut|killed/.test(what)).length)],
      ['links that went on from where they were, since the last start of each', sum('resumeAccepted')],
      ['links that went on from an earlier point', sum('resumeDrained')],
      ['links that compared all documents', sum('resumeAudit')],
      ['documents that an audit repaired', sum('auditRepairedDocuments')],
    ],
  );
}

function dials({ faults }: Run): string {
  return table(
    ['of', 'about', 'times', 'frontier s/s', 'unconfirmed s/s', 'pending', 'connected', 'truth'],
    faults.dials.map((dial) => [
      dial.of,
      dial.about,
      String(dial.samples),
      dial.frontierSlope.toFixed(3),
      dial.unconfirmedSlope.toFixed(3),
      `≥ ${dial.leastPending}`,
      String(dial.connected),
      whatIsWrong(dial) ?? 'yes',
    ]),
  );
}
