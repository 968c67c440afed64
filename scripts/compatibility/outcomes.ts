// Runs the compatibility tests and reads what vitest reports of them.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { placeOf } from './title.ts';

/** How many of a client's tests of a scenario passed, were left out, or did not pass. */
export interface Outcome {
  passed: number;
  skipped: number;
  failed: number;
}

/** By client, then by scenario. */
export type Outcomes = ReadonlyMap<string, ReadonlyMap<string, Outcome>>;

interface Report {
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

const tests = 'test/compatibility';

export function runTests(root: string): Outcomes {
  const folder = mkdtempSync(join(tmpdir(), 'compatibility-'));
  const file = join(folder, 'report.json');
  try {
    const flags = [
      '--project',
      'whole',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${file}`,
    ];
    const { error } = spawnSync(join(root, 'node_modules/.bin/vitest'), ['run', ...flags, tests], {
      cwd: root,
      stdio: 'inherit',
    });
    if (error) throw error;
    return outcomesOf(JSON.parse(readFileSync(file, 'utf8')) as Report);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function outcomesOf({ testResults }: Report): Outcomes {
  const outcomes = new Map<string, Map<string, Outcome>>();
  for (const { fullName, status } of testResults.flatMap((file) => file.assertionResults)) {
    const place = placeOf(fullName);
    if (!place) continue;
    const own = outcomes.get(place.client) ?? new Map<string, Outcome>();
    outcomes.set(place.client, own);
    for (const column of place.columns) {
      const outcome = own.get(column) ?? { passed: 0, skipped: 0, failed: 0 };
      own.set(column, outcome);
      outcome[status === 'passed' || status === 'failed' ? status : 'skipped'] += 1;
    }
  }
  return outcomes;
}
