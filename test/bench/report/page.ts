// RESULTS.md as a whole: a section for each benchmark, each written when everybody has taken part in it and left alone
// otherwise, with what of machine and programs it was measured on.
import { type Benchmark, benchmarks } from '../measure/subject.ts';
import type { Machine } from './machine.ts';

const head = `# Results

Written by \`npm run bench -- all --write\`, or with the name of a section in the place of \`all\`; do not edit. What is in one
section was measured side by side in one run: the ratios carry to another machine, the absolute numbers do not.

Syncline stores and syncs every update to disk before it is delivered; its peers run without persistence and keep it in
memory. The relay parses nothing and stores nothing: it is the floor.
`;

/** The page with the results of a benchmark in the place of those that it had. */
export function updated(page: string, benchmark: Benchmark, results: string): string {
  const known = new Map(page.split(/^(?=## )/m).map((section) => [section.split('\n', 1)[0], section]));
  known.set(headingOf(benchmark), `${headingOf(benchmark)}\n\n${results}\n`);
  const sections = benchmarks
    .map((each) => known.get(headingOf(each)))
    .filter((section) => section !== undefined);
  return [head, ...sections].map((section) => `${section.trimEnd()}\n`).join('\n');
}

export function measuredOn({ date, processor, memoryGb, node, versions, load }: Machine): string {
  return `Measured ${date} on ${processor}, ${memoryGb} GB, with a load of ${load.toFixed(1)} before the first run; Node ${node};
${versions}.`;
}

function headingOf(benchmark: Benchmark): string {
  return `## ${benchmark[0]!.toUpperCase()}${benchmark.slice(1)}`;
}
