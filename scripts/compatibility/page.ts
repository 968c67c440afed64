// docs/compatibility.md, from what a run of the tests has shown.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { families, type Family } from './families.ts';
import type { Outcome, Outcomes } from './outcomes.ts';

/** Whether a scenario that a family has a column for was shown in the run. */
export type Cell = 'untested' | 'failed' | 'passed';

interface Facts {
  readonly root: string;
  readonly date: string;
}

export function page(outcomes: Outcomes, { root, date }: Facts): string {
  const sections = families.map((family) => section(family, outcomes, root));
  return `# Compatibility

<!-- Written by \`npm run compatibility\`; do not edit. -->

Which clients work with Syncline ${versionOf(join(root, 'server'))}, as they are published and unchanged: a mark stands where the tests of a scenario passed in a
run on ${date}, with Node ${process.versions.node}, against the server as it is shipped, in a process of its own and on a real disk.

${sections.join('\n\n')}
`;
}

export function cellOf(outcome: Outcome | undefined): Cell {
  if (!outcome || outcome.passed + outcome.failed === 0) return 'untested';
  return outcome.failed > 0 ? 'failed' : 'passed';
}

/** A client as the tests' titles say it, with the version that its package says. */
export function rowName(client: string, folder: string): string {
  return `${client.slice(0, client.lastIndexOf(' '))} ${versionOf(folder)}`;
}

function section(
  { name, what, columns, packages, limits }: Family,
  outcomes: Outcomes,
  root: string,
): string {
  const rows = Object.entries(packages).map(([client, folder]) => {
    const own = outcomes.get(client);
    return [rowName(client, join(root, folder)), ...columns.map((column) => written(own?.get(column)))];
  });
  const parts = [`## ${name}`, what, table(['client', ...columns], rows)];
  if (limits.length > 0)
    parts.push('What does not work, and why:', limits.map((each) => `- ${each}`).join('\n'));
  return parts.join('\n\n');
}

function written(outcome: Outcome | undefined): string {
  const marks: Readonly<Record<Cell, string>> = { untested: '–', failed: '✘', passed: '✔' };
  const mark = marks[cellOf(outcome)];
  if (!outcome || outcome.skipped === 0) return mark;
  const { passed, skipped, failed } = outcome;
  return `${mark} ${passed} of ${passed + skipped + failed}`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map((_, at) => (at === 0 ? '---' : ':-:')), ...rows];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function versionOf(folder: string): string {
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
  return version;
}
