// Runs the compatibility tests and writes docs/compatibility.md: which clients were shown to work in which scenarios, and what does
// not work. Ends with 1 when a place in a table has no test, or one that failed.
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { families } from './compatibility/families.ts';
import { runTests } from './compatibility/outcomes.ts';
import { cellOf, page } from './compatibility/page.ts';

const root = dirname(import.meta.dirname);
const outcomes = runTests(root);
writeFileSync(
  join(root, 'docs/compatibility.md'),
  page(outcomes, { root, date: new Date().toISOString().slice(0, 10) }),
);

const known = families.flatMap(({ packages, columns }) =>
  Object.keys(packages).map((client) => ({ client, columns })),
);
for (const { client, columns } of known) {
  for (const column of columns) {
    const cell = cellOf(outcomes.get(client)?.get(column));
    if (cell !== 'passed') complain(`${client}: ${column}: ${cell}`);
  }
}
for (const client of outcomes.keys()) {
  if (!known.some((each) => each.client === client)) complain(`${client} is in no table`);
}

function complain(what: string): void {
  console.error(what);
  process.exitCode = 1;
}
