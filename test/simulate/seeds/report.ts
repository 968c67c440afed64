// Runs everything, and writes down what it came to: docs/simulation.md.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { clusterMistakes, type Mistake, mistakes } from '../known/mistakes.ts';
import { clusterPaths, rarePaths } from '../world/rare-paths.ts';
import { firstToShow, runSeedsInTwo, type SeedsOutcome, testedSeeds } from './seeds.ts';

const file = join(import.meta.dirname, '../../../docs/simulation.md');

/** How many seeds of one server are run, and how many of a cluster, each of which takes several times as long. */
export interface ReportedSeeds {
  readonly ofServer: number;
  readonly ofCluster: number;
}

export async function writeReport({ ofServer, ofCluster }: ReportedSeeds): Promise<void> {
  const server = await measured(ofServer, false);
  const cluster = await measured(ofCluster, true);
  writeFileSync(file, report(server, cluster));
}

interface Measured {
  readonly outcome: SeedsOutcome;
  readonly tookMs: number;
  readonly found: readonly string[];
}

async function measured(count: number, isCluster: boolean): Promise<Measured> {
  const beganMs = performance.now();
  const outcome = await runSeedsInTwo({ from: 1, count, isCluster });
  if (outcome.failure) throw new Error(`seed ${outcome.failure.seed} fails: ${outcome.failure.violation}`);
  const tookMs = performance.now() - beganMs;
  const found: string[] = [];
  for (const mistake of isCluster ? clusterMistakes : mistakes) {
    const { name } = mistake;
    const failure = await firstToShow(mistake);
    tellSeed(mistake, failure?.seed);
    found.push(
      `| ${name} | ${failure ? failure.seed : 'not found'} | ${failure ? cell(failure.violation) : ''} |`,
    );
  }
  return { outcome, tookMs, found };
}

/** Says which seed is to be recorded for a mistake. */
export function tellSeed({ name, seed }: Mistake, first: number | undefined): void {
  const recorded = first === seed ? 'as recorded' : `recorded is ${seed}`;
  console.log(`${name}: ${first ?? `not within ${testedSeeds}`}, ${recorded}`);
}

function inShort({ outcome: { seeds, virtualMs, events }, tookMs }: Measured): string {
  const hours = (virtualMs / 3_600_000).toFixed(0);
  return `${seeds} seeds, ${hours} hours of simulated time, ${events} events in ${(tookMs / 1_000).toFixed(0)} s; no promise was broken`;
}

function report(server: Measured, cluster: Measured): string {
  return `# Simulation

<!-- Written by \`npm run simulate -- --write\`. -->

The shipped core, engine, dialects and client run in one process on simulated time, network and disk, drawn from a seed: clients
type, save, close, go offline and end while links are cut, become slow or fall silent, the disk stalls, fails or is put back
to a backup, and the server is killed or drained. In a third of the runs a user has several tabs, which share a socket and a device, and are
closed, loaded again, frozen and set aside. In another third the server wants tokens, which end, grant too little, are signed with another
key or judged by a clock that was set; users log in again after a while. Then everything heals, and every promise is looked at.

On ${new Date().toISOString().slice(0, 10)}: ${inShort(server)}.

| what is looked at | where |
| --- | --- |
| O1: everybody shows the same, and it is what the disk holds; digests and fingerprints are those of the stored bytes | \`test/simulate/oracle/agreement.ts\` |
| O2: what is on the disk stays there, and with it all that \`saved\` has resolved for | \`test/simulate/oracle/truth.ts\`, \`test/simulate/oracle/document-claims.ts\` |
| O3: nothing is stored that nobody has made | \`test/simulate/oracle/truth.ts\` |
| O4: what waits for a slow reader, and for a commit, is bounded | \`test/simulate/oracle/wiretap.ts\` |
| O5: when all is said, nothing is said but signs of life | \`test/simulate/oracle/wiretap.ts\` |
| O6: who has gone is taken down, and a document that nobody has open is forgotten | \`test/simulate/simulate.ts\` |
| O7: a status of saved or current is true when it is given | \`test/simulate/oracle/document-claims.ts\` |
| O8: what a client is shown is on the disk | \`test/simulate/oracle/wiretap.ts\` |
| O16: what a device is said to keep is there when the document is opened again on it | \`test/simulate/oracle/device-claims.ts\` |
| O17: a client is said to need another token only where a server has refused the one that it said last, and for that reason | \`test/simulate/oracle/verdicts.ts\` |

## Again

\`npm run simulate -- --seed SEED --trace\` runs one seed and prints everything that happens in it; the same seed happens the
same way every time, as long as neither the simulator nor what it runs has changed. \`--mistake NAME\` makes one of the mistakes below first,
and \`--mistakes\` says of each which seed shows it first.

## Known mistakes

Each is made in the shipped source, and has to be found out within ${testedSeeds} seeds.

| mistake | first seed that fails | what it breaks |
| --- | ---: | --- |
${server.found.join('\n')}

## Rare paths

How often the runs went where few tests go.

| path | times |
| --- | ---: |
${rarePaths.map((path) => `| ${path} | ${server.outcome.paths[path] ?? 0} |`).join('\n')}

## Clusters

\`npm run simulate -- --cluster\` runs two to five machines in a pair, chain, ring, star or mesh, each with its disk, its server and its
clients, some of which go from machine to machine, or know of several and leave one that they cannot reach. Links are cut, half-open, broken in one direction, slow to be dialed, or lose,
repeat and delay what a bus would; machines are killed at any moment, drained, frozen, lose their power and with it commits, are put back
to backups, and have their disks copied; clocks on walls jump; operators delete and undelete documents, and stock clients
of an old version come again and again with what they have of those. In two seeds of three the limits
of replication are so small that a few documents reach them. In a third of the runs a connected part has to settle first while a
machine beside it comes and goes and one direction stays broken; then everything heals.

On ${new Date().toISOString().slice(0, 10)}: ${inShort(cluster)}.

| what is looked at | where |
| --- | --- |
| O1: all disks hold the same, digest by digest and character by character, and their clients show it | \`test/simulate/oracle/cluster-agreement.ts\` |
| O2 to O4, O7, O8 as above, at each machine | |
| O9: what waits for another machine, and what it has not acknowledged, is bounded | \`test/simulate/oracle/peer-wiretap.ts\` |
| O10: who says that it holds all of a replica up to a sequence does when it says so, and what is passed on of it is no more | \`test/simulate/oracle/claims.ts\` |
| O11: a deleted document stays deleted, or begins anew with nothing of what it was | \`test/simulate/oracle/lives.ts\`, \`test/simulate/oracle/authors.ts\` |
| O12: no lag is told to be longer than it is; in the end everybody knows that it holds everything of everybody | \`test/simulate/oracle/statuses.ts\` |
| O13: when all is said, machines say nothing but that they are there | \`test/simulate/oracle/peer-wiretap.ts\` |
| O14: an audit finds two machines equal exactly when they are | \`test/simulate/oracle/statuses.ts\` |
| O15: no server reports what cannot have happened, such as an audit that had something to repair | \`test/simulate/world/observed.ts\` |
| O18: what is said to be on so many machines is on their disks | \`test/simulate/oracle/holders.ts\` |

| mistake | first seed that fails | what it breaks |
| --- | ---: | --- |
${cluster.found.join('\n')}

| path | times |
| --- | ---: |
${clusterPaths.map((path) => `| ${path} | ${cluster.outcome.paths[path] ?? 0} |`).join('\n')}
`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').split('\n')[0]!;
}
