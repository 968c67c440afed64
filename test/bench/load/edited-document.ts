// A document that several people have worked on for a while, made the same in every run: words typed here and there, taken
// out again, others typed in their place.
import * as Y from 'yjs';
import { SeededRandom } from '../../support/random.ts';

const operations = 20_000;
const authors = 8;
const seed = 20_261_123;

/** In how many operations an author hands over, goes elsewhere, or takes something out. */
const inTurn = 40;
const inJumping = 3;
const inDeleting = 5;
const maxDeleted = 12;

const words = 'the quick brown fox jumps over a lazy dog and runs into deep woods'.split(' ');

/** Client ids of five bytes when encoded, as the random ones of stock clients mostly are. */
const firstClient = 2_000_000_000;

export const editedSize = { operations, authors };

/** The whole of it as one update. */
export function editedDocument(): { update: Uint8Array; text: string } {
  const random = new SeededRandom(seed);
  const doc = new Y.Doc();
  const text = doc.getText('text');
  let cursor = 0;
  for (let at = 0; at < operations; at += 1) {
    if (random.oneIn(inTurn) || at === 0) doc.clientID = firstClient + random.below(authors);
    if (random.oneIn(inJumping)) cursor = random.below(text.length + 1);
    if (random.oneIn(inDeleting)) {
      text.delete(cursor, Math.min(1 + random.below(maxDeleted), text.length - cursor));
    } else {
      const word = `${random.pick(words)} `;
      text.insert(cursor, word);
      cursor += word.length;
    }
  }
  const update = Y.encodeStateAsUpdate(doc);
  const result = { update, text: text.toJSON() };
  doc.destroy();
  return result;
}
