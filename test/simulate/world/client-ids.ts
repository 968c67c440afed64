// Ids that clients of Yjs have: of one to five bytes, as tests and as yjs draw them, and none of them twice.
import type { SeededRandom } from '../../support/random.ts';

const bits = [7, 14, 32] as const;

export class ClientIds {
  readonly #random: SeededRandom;
  readonly #drawn = new Set<number>();

  constructor(random: SeededRandom) {
    this.#random = random;
  }

  draw(): number {
    for (;;) {
      const id = this.#random.word() >>> (32 - this.#random.pick(bits));
      if (this.#drawn.has(id)) continue;
      this.#drawn.add(id);
      return id;
    }
  }
}
