// What `main.ts` was asked to do; a mistake is answered with a sentence and the usage.
import { parseArgs } from 'node:util';
import { burstSize } from './measure/burst.ts';
import { type Benchmark, benchmarks, type SubjectName, subjectNames, taking } from './measure/subject.ts';

export interface Request {
  /** Who takes part in each benchmark; nobody in one that was not asked for. */
  readonly taking: Readonly<Record<Benchmark, readonly SubjectName[]>>;
  readonly runs: number | undefined;
  /** Updates of the burst, all documents together, before anything is measured. */
  readonly warmUp: number;
  readonly awareness: boolean;
  readonly write: boolean;
}

export const usage = `Usage: node test/bench/main.ts [all|${benchmarks.join('|')}] [options]

  --runs N       runs of each (5 of the burst, 3 of the others by default)
  --only NAME    only this one, may be repeated: ${subjectNames.join(', ')}
  --warm-up N    updates before the burst is measured (${burstSize.warmUp} by default)
  --awareness    idle connections show a cursor
  --write        rewrite test/bench/RESULTS.md; needs all, with everybody`;

export function readCommandLine(line: readonly string[]): Request {
  const { values, positionals } = parseArgs({
    args: [...line],
    allowPositionals: true,
    options: {
      runs: { type: 'string' },
      only: { type: 'string', multiple: true, default: [] },
      'warm-up': { type: 'string' },
      awareness: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
    },
  });
  const [what = 'all', ...rest] = positionals;
  if (!['all', ...benchmarks].includes(what) || rest.length > 0) {
    throw new Error(`unknown benchmark: ${positionals.join(' ')}`);
  }
  const unknown = values.only.find((name) => !(subjectNames as readonly string[]).includes(name));
  if (unknown !== undefined) throw new Error(`nobody is called ${unknown}`);
  const runs = whole(values.runs, { name: '--runs', most: 100 });
  const warmUp = whole(values['warm-up'], { name: '--warm-up', most: 1_000_000 }) ?? burstSize.warmUp;
  const asked = (benchmark: Benchmark): SubjectName[] =>
    what === 'all' || what === benchmark
      ? taking[benchmark].filter((name) => values.only.length === 0 || values.only.includes(name))
      : [];
  const asking = { burst: asked('burst'), idle: asked('idle'), open: asked('open') };
  if (Object.values(asking).every(({ length }) => length === 0))
    throw new Error(`none of these takes part in ${what}`);
  // Rows of different runs would not be side by side, which is the point of the page.
  if (values.write && (what !== 'all' || values.only.length > 0))
    throw new Error('--write needs all, with everybody');
  return {
    taking: asking,
    runs,
    warmUp,
    awareness: values.awareness,
    write: values.write,
  };
}

function whole(
  value: string | undefined,
  { name, most }: { name: string; most: number },
): number | undefined {
  if (value === undefined) return undefined;
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1 || number > most)
    throw new Error(`${name} takes a number from 1 to ${most}`);
  return number;
}
