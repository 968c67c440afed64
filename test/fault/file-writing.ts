// Writes of which it can be seen later whether they are all there: each has the next number.
import { fileStore } from '@syncline/client/file';
import type { KeptDocument, LocalStore } from '@syncline/client/local/store.ts';
import { write, written } from '../contract/local-store-case.ts';
import { SeededRandom } from '../support/random.ts';

const numberBytes = 4;
/** So often all that there is becomes a snapshot, so that the file has to be rewritten again and again. */
const snapshotEvery = 5;
/** Of what is in a write beside its number, and in a snapshot beside its numbers. */
const maxFillBytes = 40_000;
const snapshotFillBytes = 400_000;

export class Writer {
  readonly #store: LocalStore;
  readonly #random: SeededRandom;
  #life: string | undefined;
  #next: number;

  private constructor(store: LocalStore, kept: KeptDocument | undefined) {
    this.#store = store;
    this.#life = kept?.life;
    this.#next = numbersIn(kept).length + 1;
    this.#random = new SeededRandom(this.#next);
  }

  static async open(path: string): Promise<Writer> {
    const store = fileStore(path);
    return new Writer(store, await store.read('a'));
  }

  read(): Promise<KeptDocument | undefined> {
    return this.#store.read('a');
  }

  /** Resolves with its number when it was acknowledged. One of a size that was asked for brings no snapshot along. */
  async writeNext(askedBytes?: number): Promise<number> {
    const fillBytes = askedBytes ?? this.#random.word() % maxFillBytes;
    const number = this.#next++;
    const life = this.#life;
    const updates = [updateOf([number], fillBytes)];
    // Numbers of entries are those of the writes, since nobody else writes.
    const before = Array.from({ length: number - 1 }, (_, index) => index + 1);
    const isWhole = askedBytes === undefined && life !== undefined && number % snapshotEvery === 0;
    const bytes = [updateOf(before, snapshotFillBytes)];
    const snapshot = isWhole ? { bytes, through: number - 1 } : undefined;
    try {
      this.#life = written(await this.#store.write([write({ life, updates, snapshot })])).life;
    } catch (error) {
      // It was not written, so the next one has its number; whoever writes several at once is killed before that.
      this.#next = number;
      throw error;
    }
    return number;
  }

  close(): Promise<void> {
    return this.#store.close();
  }
}

/** The numbers of all writes that are there, in their order; throws if one is not as it was written. */
export function numbersIn(kept: KeptDocument | undefined): number[] {
  return (kept?.updates ?? []).flatMap((update) => {
    const view = new DataView(update.buffer, update.byteOffset, update.byteLength);
    const count = view.getUint32(0);
    const numbers = Array.from({ length: count }, (_, index) => view.getUint32((index + 1) * numberBytes));
    const fill = update.subarray((count + 1) * numberBytes);
    if (fill.some((byte) => byte !== (numbers.at(-1)! & 255)))
      throw new Error(`${numbers.join()} is another`);
    return numbers;
  });
}

function updateOf(numbers: readonly number[], fillBytes: number): Uint8Array {
  const start = (numbers.length + 1) * numberBytes;
  const update = new Uint8Array(start + fillBytes).fill(numbers.at(-1)! & 255);
  const view = new DataView(update.buffer);
  view.setUint32(0, numbers.length);
  for (const [index, number] of numbers.entries()) view.setUint32((index + 1) * numberBytes, number);
  return update;
}
