// docs/compatibility.md against the tests that it is written from. They are listed here and not run.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { families } from '../../scripts/compatibility/families.ts';
import { rowName } from '../../scripts/compatibility/page.ts';
import { placeOf } from '../../scripts/compatibility/title.ts';
import { temporaryFolder } from '../support/server.ts';

const root = join(import.meta.dirname, '../..');

it('docs/compatibility.md has a mark for each client and scenario that has a test, and for no other', () => {
  expect(marked()).toEqual(tested());
});

/** `CLIENT VERSION: SCENARIO`, of every test. */
function tested(): string[] {
  using folder = temporaryFolder();
  const file = join(folder.path, 'tests.json');
  const vitest = join(root, 'node_modules/.bin/vitest');
  execFileSync(
    vitest,
    ['list', '--project', 'whole', '--no-static-parse', `--json=${file}`, 'test/compatibility'],
    {
      cwd: root,
    },
  );
  const tests = JSON.parse(readFileSync(file, 'utf8')) as { name: string }[];
  const places = tests.map(({ name }) => placeOf(name)).filter((place) => place !== undefined);
  return sorted(places.flatMap(({ client, columns }) => columns.map((column) => `${client}: ${column}`)));
}

/** The same, of every mark on the page. */
function marked(): string[] {
  const rows = readFileSync(join(root, 'docs/compatibility.md'), 'utf8')
    .split('\n')
    .map((line) => line.split('|').map((cell) => cell.trim()));
  return sorted(
    families.flatMap(({ columns, packages }) =>
      Object.entries(packages).flatMap(([client, folder]) => {
        const name = rowName(client, join(root, folder));
        const cells = rows.find(([, first]) => first === name)?.slice(2) ?? [];
        return columns
          .filter((_, at) => /^[✔✘]/.test(cells[at] ?? ''))
          .map((column) => `${client}: ${column}`);
      }),
    ),
  );
}

function sorted(places: readonly string[]): string[] {
  return [...new Set(places)].toSorted();
}
