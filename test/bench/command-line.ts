// What `main.ts` was asked to do; a mistake is answered with a sentence and the usage.
import { parseArgs } from 'node:util';
import { burstSize } from './measure/burst.ts';
import { type PeerName, peerNames } from './measure/peer.ts';

export interface Request {
  readonly burst: boolean;
  readonly idle: boolean;
  readonly runs: number | undefined;
  /** Updates of the burst, all documents together, before anything is measured. */
  readonly warmUp: number;
  readonly peers: readonly PeerName[];
  readonly awareness: boolean;
  readonly write: boolean;
}

export const usage = `Usage: node test/bench/main.ts [burst|idle|all] [options]

  --runs N       runs of each peer (5 of the burst and 3 of idle by default)
  --only NAME    only this peer, may be repeated: ${peerNames.join(', ')}
  --warm-up N    updates before the burst is measured (${burstSize.warmUp} by default)
  --awareness    idle connections show a cursor
  --write        rewrite test/bench/RESULTS.md; needs all, with every peer`;

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
  if (!['burst', 'idle', 'all'].includes(what) || rest.length > 0) {
    throw new Error(`unknown benchmark: ${positionals.join(' ')}`);
  }
  const unknown = values.only.find((name) => !isPeer(name));
  if (unknown !== undefined) throw new Error(`unknown peer: ${unknown}`);
  const runs = whole(values.runs, { name: '--runs', most: 100 });
  const warmUp = whole(values['warm-up'], { name: '--warm-up', most: 1_000_000 }) ?? burstSize.warmUp;
  // Rows of different runs would not be side by side, which is the point of the page.
  if (values.write && (what !== 'all' || values.only.length > 0))
    throw new Error('--write needs all, with every peer');
  return {
    burst: what !== 'idle',
    idle: what !== 'burst',
    runs,
    warmUp,
    peers: peerNames.filter((name) => values.only.length === 0 || values.only.includes(name)),
    awareness: values.awareness,
    write: values.write,
  };
}

function isPeer(name: string): name is PeerName {
  return (peerNames as readonly string[]).includes(name);
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
