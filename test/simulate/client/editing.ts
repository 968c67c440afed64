// What somebody does in a document: rich text, a map with nested parts, a list; mostly keystrokes, sometimes a paste.
import * as Y from 'yjs';
import type { SeededRandom } from '../../support/random.ts';

/** Of text without pairs of surrogates: a cursor drawn at random would cut them, which no editor does. */
const words = ['a', 'sync', 'line ', '\n', 'é', '字', ' folds'];

/** Checked beside the server's own thread. */
const pasteLength = 17_000;

export function edit(document: Y.Doc, random: SeededRandom): void {
  document.transact(() => {
    for (let edits = random.oneIn(6) ? 3 : 1; edits > 0; edits--) editOnce(document, random);
  });
}

/** Puts a page of text in. */
export function paste(document: Y.Doc, random: SeededRandom): void {
  const text = document.getText('text');
  text.insert(random.below(text.length + 1), random.pick(words).repeat(pasteLength).slice(0, pasteLength));
}

/** What a reader sees. */
export function contentOf(document: Y.Doc): string {
  return JSON.stringify([
    document.getText('text').toDelta(),
    Object.entries(document.getMap('map').toJSON()).toSorted(([a], [b]) => (a < b ? -1 : 1)),
    document.getArray('array').toJSON(),
  ]);
}

function editOnce(document: Y.Doc, random: SeededRandom): void {
  const kind = random.below(20);
  if (kind < 14) editText(document.getText('text'), random);
  else if (kind < 17) editMap(document.getMap('map'), random);
  else editArray(document.getArray('array'), random);
}

function editText(text: Y.Text, random: SeededRandom): void {
  const at = random.below(text.length + 1);
  const length = Math.min(1 + random.below(12), text.length - at);
  const kind = random.below(10);
  if (kind < 6 || length === 0)
    text.insert(at, random.pick(words), random.oneIn(8) ? { bold: true } : undefined);
  else if (kind < 9) text.delete(at, length);
  else text.format(at, length, { bold: random.pick([true, null]) });
}

function editMap(map: Y.Map<unknown>, random: SeededRandom): void {
  const key = `key ${random.below(4)}`;
  const inner = map.get(key);
  if (inner instanceof Y.Array && random.oneIn(2)) editArray(inner, random);
  else if (random.oneIn(4)) map.delete(key);
  else map.set(key, random.oneIn(3) ? Y.Array.from([random.below(9)]) : random.word());
}

function editArray(array: Y.Array<unknown>, random: SeededRandom): void {
  const at = random.below(array.length + 1);
  if (at < array.length && random.oneIn(2)) array.delete(at, 1);
  else array.insert(at, [random.word(), random.pick(words), '🙂']);
}
