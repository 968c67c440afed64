// Runs everything, and writes down what it came to: docs/simulation.md.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mistakes } from '../known/mistakes.ts';
import { rarePaths } from '../world/rare-paths.ts';
import { runSeeds, runSeedsInTwo, type SeedsOutcome } from './seeds.ts';

const file = join(import.meta.dirname, '../../../docs/simulation.md');

export async function writeReport(count: number): Promise<void> {
  const beganMs = performance.now();
  const outcome = await runSeedsInTwo({ from: 1, count });
  if (outcome.failure) throw new Error(`seed ${outcome.failure.seed} fails: ${outcome.failure.violation}`);
  const tookMs = performance.now() - beganMs;
  const found: string[] = [];
  for (const { name } of mistakes) {
    const { failure } = await runSeeds({ from: 1, count, mistake: name });
    found.push(
      `| ${name} | ${failure ? failure.seed : 'not found'} | ${failure ? cell(failure.violation) : ''} |`,
    );
  }
  writeFileSync(file, report(outcome, tookMs, found));
}

function report(outcome: SeedsOutcome, tookMs: number, found: readonly string[]): string {
  const { seeds, virtualMs, events, paths } = outcome;
  const hours = (virtualMs / 3_600_000).toFixed(0);
  const seconds = (tookMs / 1_000).toFixed(0);
  return `# Simulation

<!-- Written by \`npm run simulate -- --write\`. -->

The shipped core, engine, dialects and client run in one process on simulated time, network and disk, drawn from a seed: clients
type, save, close, go offline and end while links are cut, become slow or fall silent, the disk stalls, fails or is put back
to a backup, and the server is killed or drained. Then everything heals, and every promise is looked at.

On ${new Date().toISOString().slice(0, 10)}: ${seeds} seeds, ${hours} hours of simulated time, ${events} events in ${seconds} s; no promise was broken.

| what is looked at | where |
| --- | --- |
| O1: everybody shows the same, and it is what the disk holds; digests and fingerprints are those of the stored bytes | \`test/simulate/oracle/agreement.ts\` |
| O2: what is on the disk stays there, and with it all that \`saved\` has resolved for | \`test/simulate/oracle/truth.ts\`, \`test/simulate/client/native-document.ts\` |
| O3: nothing is stored that nobody has made | \`test/simulate/oracle/truth.ts\` |
| O4: what waits for a slow reader, and for a commit, is bounded | \`test/simulate/oracle/wiretap.ts\` |
| O5: when all is said, nothing is said but signs of life | \`test/simulate/oracle/wiretap.ts\` |
| O6: who has gone is taken down, and a document that nobody has open is forgotten | \`test/simulate/simulate.ts\` |
| O7: a status of saved or current is true when it is given | \`test/simulate/client/native-document.ts\` |
| O8: what a client is shown is on the disk | \`test/simulate/oracle/wiretap.ts\` |

## Again

\`npm run simulate -- --seed SEED --trace\` runs one seed and prints everything that happens in it; the same seed happens the
same way every time, as long as neither the simulator nor what it runs has changed. \`--mistake NAME\` makes one of the mistakes below first.

## Known mistakes

Each is made in the shipped source, and has to be found out within ${seeds} seeds.

| mistake | first seed that fails | what it breaks |
| --- | ---: | --- |
${found.join('\n')}

## Rare paths

How often the runs went where few tests go.

| path | times |
| --- | ---: |
${rarePaths.map((path) => `| ${path} | ${paths[path] ?? 0} |`).join('\n')}
`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').split('\n')[0]!;
}
