// Automerge documents made the same in every run: words typed here and there and taken out again, and a field set now and then.
import * as A from '@automerge/automerge';
import type { Notes } from '../../support/automerge-repo-client.ts';
import { SeededRandom } from '../../support/random.ts';

const seed = 20_261_125;

/** In how many edits somebody goes elsewhere, takes something out, or sets a field. */
const inJumping = 3;
const inDeleting = 5;
const inSetting = 10;
const maxDeleted = 12;

const words = 'the quick brown fox jumps over a lazy dog and runs into deep woods'.split(' ');
const fieldNames = ['width', 'height', 'depth'];

/** Documents as they are saved, and how many edits each has been through: `first`, and so many more with each. */
export interface Stages {
  readonly first: number;
  readonly more: number;
}

/** One document after the other, at its stage: all of them are of one history. */
export function writtenDocuments(count: number, { first, more }: Stages): Uint8Array[] {
  const author = new Author();
  const saved: Uint8Array[] = [];
  for (let at = 0; at < count; at += 1) {
    author.edit(at === 0 ? first : more);
    saved.push(author.saved);
  }
  return saved;
}

class Author {
  readonly #random = new SeededRandom(seed);
  #doc = A.from<Notes & Record<string, unknown>>({ text: '', items: {} });
  #cursor = 0;

  edit(times: number): void {
    for (let time = 0; time < times; time += 1)
      this.#doc = A.change(this.#doc, (draft) => this.#editOnce(draft));
  }

  get saved(): Uint8Array {
    return A.save(this.#doc);
  }

  #editOnce(draft: Notes): void {
    const random = this.#random;
    const { length } = draft.text!;
    if (random.oneIn(inJumping)) this.#cursor = random.below(length + 1);
    if (random.oneIn(inSetting)) {
      draft.items![random.pick(fieldNames)] = random.below(1_000);
    } else if (random.oneIn(inDeleting)) {
      A.splice(draft, ['text'], this.#cursor, Math.min(random.below(maxDeleted), length - this.#cursor));
    } else {
      const word = `${random.pick(words)} `;
      A.splice(draft, ['text'], this.#cursor, 0, word);
      this.#cursor += word.length;
    }
  }
}
