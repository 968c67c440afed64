// How deep the objects that a change makes lie in each other. A thousand levels cost every reader seconds, and three thousand a minute.
import { malformed } from './malformed.ts';

/** No application has more; as many as Yjs documents may have. */
export const maxNesting = 256;

/** Objects made by operations that follow each other, in the same object. */
interface Made {
  readonly first: number;
  readonly end: number;
  readonly depth: number;
}

export class Nesting {
  /** By the numbers of the operations. */
  readonly #made: Made[] = [];

  /** How deep an object of this change lies, from 1 on. Throws `malformed_update` for an operation that made none. */
  depthOf(op: number): number {
    let low = 0;
    let high = this.#made.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#made[middle]!.end <= op) low = middle + 1;
      else high = middle;
    }
    const made = this.#made[low];
    if (!made || made.first > op) throw malformed('an operation refers to an object that is none');
    return made.depth;
  }

  make(first: number, count: number, depth: number): void {
    if (depth > maxNesting) throw malformed(`its objects lie deeper than ${maxNesting} in each other`);
    this.#made.push({ first, end: first + count, depth });
  }
}
