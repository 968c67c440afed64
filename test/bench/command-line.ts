// What `main.ts` was asked to do; a mistake is answered with a sentence and the usage.
import { parseArgs } from 'node:util';
import { burstSize } from './measure/burst.ts';
import { type Benchmark, benchmarks, type Participant, participants, taking } from './measure/subject.ts';

export interface Request {
  /** Who takes part in each benchmark; nobody in one that was not asked for. */
  readonly taking: { readonly [Each in Benchmark]: readonly Participant<Each>[] };
  readonly runs: number | undefined;
  /** Updates of the burst, all documents together, before anything is measured. */
  readonly warmUp: number;
  readonly awareness: boolean;
  readonly write: boolean;
}

export const usage = `Usage: node test/bench/main.ts [all|${benchmarks.join('|')}] [options]

  --runs N       runs of each (5 of the burst, 3 of the others by default)
  --only NAME    only this one, may be repeated: ${participants.join(', ')}
  --warm-up N    updates before the burst is measured (${burstSize.warmUp} by default)
  --awareness    idle connections show a cursor
  --write        rewrite what test/bench/RESULTS.md says of it; needs everybody`;

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
  const unknown = values.only.find((name) => !participants.includes(name));
  if (unknown !== undefined) throw new Error(`nobody is called ${unknown}`);
  const runs = whole(values.runs, { name: '--runs', most: 100 });
  const warmUp = whole(values['warm-up'], { name: '--warm-up', most: 1_000_000 }) ?? burstSize.warmUp;
  const asked = <Each extends Benchmark>(benchmark: Each): Participant<Each>[] => {
    const names: readonly Participant<Each>[] = taking[benchmark];
    if (what !== 'all' && what !== benchmark) return [];
    return names.filter((name) => values.only.length === 0 || values.only.includes(name));
  };
  const asking = {
    burst: asked('burst'),
    idle: asked('idle'),
    open: asked('open'),
    replication: asked('replication'),
    automerge: asked('automerge'),
    device: asked('device'),
  };
  if (Object.values(asking).every(({ length }) => length === 0))
    throw new Error(`none of these takes part in ${what}`);
  // Rows of different runs would not be side by side, which is the point of the page.
  if (values.write && values.only.length > 0) throw new Error('--write needs everybody');
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
