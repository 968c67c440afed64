// What two people typed at once, as a list of transactions, each made on top of earlier ones: a recording of real people
// where one lies beside the project, and edits of the same shape made up from a seed where none does.
import { existsSync, readFileSync } from 'node:fs';
import { randomInt } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { SeededRandom } from './random.ts';

export type Agent = 0 | 1;
type Patch = readonly [position: number, deleted: number, inserted: string];

export interface Transaction {
  readonly agent: Agent;
  /** Indexes of the transactions that it was made on top of. */
  readonly parents: readonly number[];
  readonly patches: readonly Patch[];
}

export interface Trace {
  /** For the test's name, so that a failure can be run again. */
  readonly origin: string;
  readonly transactions: readonly Transaction[];
  /** What merging all of it gives; undefined where only a merge can tell. */
  readonly endContent: string | undefined;
}

/** What one person typed, each transaction on top of the one before. */
export interface AuthoredTrace {
  readonly origin: string;
  readonly transactions: readonly (readonly Patch[])[];
  readonly endContent: string;
}

const friends = 'friendsforever';
const author = 'sveltecomponent';

export function readTrace(): Trace {
  const recorded = readRecording(friends);
  if (!recorded) return makeUpTrace(randomInt(2 ** 32), 8_000);
  return { origin: 'recorded', transactions: recorded.txns, endContent: recorded.endContent };
}

export function readAuthoredTrace(): AuthoredTrace {
  const recorded = readRecording(author);
  if (!recorded) return makeUpAuthoredTrace(randomInt(2 ** 32), 8_000);
  const transactions = recorded.txns.map(({ patches }) => patches);
  return { origin: 'recorded', transactions, endContent: recorded.endContent };
}

interface Recording {
  /** Those of one author name nobody. */
  readonly txns: readonly Transaction[];
  readonly endContent: string;
}

/** Undefined where none lies beside the project. */
function readRecording(name: string): Recording | undefined {
  const path = fileURLToPath(new URL(`../../../shared/data/${name}.json.gz`, import.meta.url));
  return existsSync(path) ? (JSON.parse(gunzipSync(readFileSync(path)).toString()) as Recording) : undefined;
}

/** In how many transactions people do once what they do in the recording. */
const inTurn = 17;
const inHearing = 11;
const inDeleting = 7;
const inJumping = 50;

function makeUpTrace(seed: number, count: number): Trace {
  const random = new SeededRandom(seed);
  const transactions: Transaction[] = [];
  const last: (number | undefined)[] = [undefined, undefined];
  // About how much each has before them: where a position turns out to be past the end, it is the end that is meant.
  const lengths: [number, number] = [0, 0];
  const cursors: [number, number] = [0, 0];
  let agent: Agent = 0;
  while (transactions.length < count) {
    if (random.oneIn(inTurn)) agent = agent === 0 ? 1 : 0;
    const other = agent === 0 ? 1 : 0;
    const parents = new Set([last[agent]]);
    if (random.oneIn(inHearing)) {
      parents.add(last[other]);
      lengths[agent] = Math.max(...lengths);
    }
    if (random.oneIn(inJumping)) cursors[agent] = random.below(lengths[agent] + 1);
    const isDeleting = cursors[agent] > 0 && random.oneIn(inDeleting);
    const patch: Patch = isDeleting
      ? [--cursors[agent], 1, '']
      : [cursors[agent]++, 0, String.fromCharCode(97 + random.below(26))];
    lengths[agent] += isDeleting ? -1 : 1;
    last[agent] = transactions.length;
    transactions.push({
      agent,
      parents: [...parents].filter((each) => each !== undefined),
      patches: [patch],
    });
  }
  return { origin: `made up from seed ${seed}`, transactions, endContent: undefined };
}

function makeUpAuthoredTrace(seed: number, count: number): AuthoredTrace {
  const random = new SeededRandom(seed);
  const transactions: Patch[][] = [];
  let content = '';
  let cursor = 0;
  while (transactions.length < count) {
    if (random.oneIn(inJumping)) cursor = random.below(content.length + 1);
    const isDeleting = cursor > 0 && random.oneIn(inDeleting);
    const inserted = isDeleting ? '' : String.fromCharCode(97 + random.below(26));
    const start = isDeleting ? cursor - 1 : cursor;
    transactions.push([[start, cursor - start, inserted]]);
    content = content.slice(0, start) + inserted + content.slice(cursor);
    cursor = start + inserted.length;
  }
  return { origin: `made up from seed ${seed}`, transactions, endContent: content };
}
