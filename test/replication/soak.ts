// Three replicas under load for minutes, while links are cut, processes killed and folders put back: `npm run soak -- --minutes 5 --seed 1`,
// with --write into docs/soak.md. In network namespaces where the system allows them, else (or with --proxies) through proxies.
import { parseArgs } from 'node:util';
import { SeededRandom } from '../support/random.ts';
import { statusOf } from '../support/scrape.ts';
import { Crowd } from './soak/crowd.ts';
import { Faults } from './soak/faults.ts';
import { whatIsWrong } from './soak/lag.ts';
import { isInNamespaces, namespaces, runInNamespaces } from './soak/namespaces.ts';
import { proxied } from './soak/network.ts';
import { agreed, outcomeOf } from './soak/outcome.ts';
import { type Run, summary, writeReport } from './soak/report.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '5' },
    seed: { type: 'string', default: '1' },
    proxies: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
});
const minutes = Number(values.minutes);
const seed = Number(values.seed);
const minuteMs = 60_000;

const exitCode = values.proxies || isInNamespaces() ? undefined : await runInNamespaces();
if (exitCode === undefined) await soak();
else process.exitCode = exitCode;

async function soak(): Promise<void> {
  await using network = await (isInNamespaces() ? namespaces() : proxied(seed));
  await using crowd = await Crowd.begin(network.replicas, new SeededRandom(seed));
  await using faults = new Faults(network, new SeededRandom(seed), crowd);
  await faults.linked();
  const beganMs = performance.now();
  await faults.copy();
  for (let round = 0; round === 0 || performance.now() - beganMs < minutes * minuteMs; round++) {
    await faults.round();
    // The copy that a folder is put back to is then as old as a round, or as two.
    if (round % 2 === 1) await faults.copy();
  }
  const tookMs = performance.now() - beganMs;
  await crowd.stop();
  await agreed(network.replicas);
  const outcome = await outcomeOf(network.replicas, crowd, faults.lost);
  const statuses = await Promise.all(network.replicas.map(({ server }) => statusOf(server)));
  const run: Run = { seed, tookMs, network, crowd, faults, outcome, statuses };
  console.log(summary(run));
  if (values.write) writeReport(run);
  const wrong = faults.dials.flatMap((dial) => whatIsWrong(dial) ?? []);
  if (wrong.length > 0) throw new Error(`metrics did not tell the truth: ${wrong.join('; ')}`);
}
