// Changes that are read without complaint, and with which stock Automerge ends, or saves what it cannot load again. Each is refused, and
// each is shown to do so: a rule that is not needed any more fails here.
import * as Automerge from '@automerge/automerge';
import { checkUpdate } from '@syncline/server/engine/automerge/check.ts';
import { ChangeGraph } from '@syncline/server/engine/automerge/graph.ts';
import { ChangeHash } from '@syncline/server/engine/automerge/graph-digest.ts';
import { asSummary } from '@syncline/server/engine/automerge/summary.ts';
import { expect, it } from 'vitest';
import { type ChangeParts, changeOf, partsOf } from './automerge-mutate.ts';

// The columns that are rewritten, by the numbers under which Automerge writes them.
const action = 0x42;
const markName = 0xa5;

type Content = Record<string, unknown>;

/** Two changes of one actor: the second does what `edit` says. */
function written(edit: (content: Content) => void): [Uint8Array, Uint8Array] {
  const begun = Automerge.from<Content>({ text: 'some text', list: [] }, { actor: 'aa' });
  const [first, second] = Automerge.getAllChanges(Automerge.change(begun, edit));
  return [first!, second!];
}

const typed = written((content) => Automerge.splice(content, ['text'], 0, 0, 'abc'));
const marked = written((content) => Automerge.mark(content, ['text'], { start: 0, end: 4 }, 'bold', true));
const emptied = Automerge.getAllChanges(
  Automerge.emptyChange(Automerge.from<Content>({ text: 'some text' }, { actor: 'aa' })),
) as [Uint8Array, Uint8Array];

const hazards: [what: string, changes: [Uint8Array, Uint8Array], spoil: (parts: ChangeParts) => void][] = [
  ['a number of its actor that is not the next', typed, (parts) => (parts.seq = 3)],
  ['an actor that does not build on its own last change', typed, (parts) => (parts.deps = [])],
  ['no operations, and numbers left out before them', emptied, (parts) => (parts.startOp += 5)],
  ['thousands of millions of numbers left out', typed, (parts) => (parts.startOp += 2 ** 30)],
  ['an author named by a later change', typed, (parts) => (parts.extra = Uint8Array.of(1, 1, 7))],
  [
    'a time that is no number in JavaScript',
    typed,
    (parts) => (parts.time = Uint8Array.of(...Array<number>(8).fill(0x80), 1)),
  ],
  [
    'a run that could be written as one',
    typed,
    ({ columns }) => (columns.find(({ number }) => number === action)!.data = Uint8Array.of(2, 1, 1, 1)),
  ],
  [
    'a mark that ends and does not begin',
    marked,
    (parts) => (parts.columns = parts.columns.filter(({ number }) => number !== markName)),
  ],
];

it.each(hazards)('[AUT9] [AUT7] %s', (_, [first, second], spoil) => {
  const parts = partsOf(second);
  spoil(parts);
  const spoilt = changeOf(parts);
  expect(isTaken(first, second)).toBe(true);
  expect(isTaken(first, spoilt)).toBe(false);
  expect(survives(first, second)).toBe(true);
  expect(survives(first, spoilt)).toBe(false);
});

function isTaken(...changes: Uint8Array[]): boolean {
  try {
    const graph = new ChangeGraph(new ChangeHash(new Uint8Array(16)));
    for (const change of changes) graph.add(asSummary(checkUpdate(change)));
    return true;
  } catch {
    return false;
  }
}

/** Whether stock Automerge takes the changes in, gives them back as they were, and loads what it saves. */
function survives(...changes: Uint8Array[]): boolean {
  try {
    const [document] = Automerge.applyChanges(Automerge.init<Content>(), changes);
    const loaded = Automerge.load<Content>(Automerge.save(document));
    const given = Automerge.getAllChanges(loaded);
    for (const change of given) Automerge.decodeChange(change);
    return changes.every((change) => given.some((each) => Buffer.compare(each, change) === 0));
  } catch {
    return false;
  }
}
