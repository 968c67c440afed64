// Hashes of 32 bytes by the number in which they came, and their numbers by hash: 32 bytes a hash and a few for its place in an open
// table. The newest can be taken out again.
import { hashBytes } from '@syncline/shared/automerge/chunk.ts';

/** A small document has few changes, and there may be many such documents. */
const minCapacity = 8;

/** Where hashes lie in tables; whoever does not know the seed cannot make changes that all lie in one place. */
export type TableSeed = number;

export class HashTable {
  readonly #seed: TableSeed;
  #size = 0;
  #bytes = new Uint8Array(minCapacity * hashBytes);
  /** Numbers, each plus one; 0 where none is. At most half of them are taken. */
  #slots = new Int32Array(minCapacity * 2);

  constructor(seed: TableSeed, capacity = minCapacity) {
    this.#seed = seed;
    if (capacity > minCapacity) this.#grow(2 ** Math.ceil(Math.log2(capacity)));
  }

  get size(): number {
    return this.#size;
  }

  /** All of them one after another; a view, good until the next `push`. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#size * hashBytes);
  }

  /** A view, good until the next `push`. */
  at(index: number): Uint8Array {
    return this.#bytes.subarray(index * hashBytes, (index + 1) * hashBytes);
  }

  indexOf(hash: Uint8Array): number | undefined {
    const number = this.#slots[this.#slotOf(hash)]!;
    return number === 0 ? undefined : number - 1;
  }

  /** Only for a hash that is not there. Gives its number. */
  push(hash: Uint8Array): number {
    if (this.#size * 2 === this.#slots.length) this.#grow(this.#size * 2);
    this.#bytes.set(hash, this.#size * hashBytes);
    this.#slots[this.#slotOf(hash)] = ++this.#size;
    return this.#size - 1;
  }

  /** Takes the newest out. Nothing was placed because of it, so that its place can simply be free again. */
  pop(): void {
    const slot = this.#slotOf(this.at(this.#size - 1));
    this.#slots[slot] = 0;
    this.#size--;
  }

  /** Where the hash is, or would be. */
  #slotOf(hash: Uint8Array): number {
    const mask = this.#slots.length - 1;
    for (let slot = this.#place(hash) & mask; ; slot = (slot + 1) & mask) {
      const number = this.#slots[slot]!;
      if (number === 0 || this.#isAt(number - 1, hash)) return slot;
    }
  }

  #place(hash: Uint8Array): number {
    let mixed = this.#seed;
    for (let at = 0; at < 12; at += 4) {
      const word = hash[at]! | (hash[at + 1]! << 8) | (hash[at + 2]! << 16) | (hash[at + 3]! << 24);
      mixed = Math.imul(mixed ^ word, 0x9e3779b1);
      mixed ^= mixed >>> 15;
    }
    return mixed;
  }

  #isAt(index: number, hash: Uint8Array): boolean {
    const start = index * hashBytes;
    for (let at = 0; at < hashBytes; at++) if (this.#bytes[start + at] !== hash[at]) return false;
    return true;
  }

  #grow(capacity: number): void {
    const bytes = new Uint8Array(capacity * hashBytes);
    bytes.set(this.#bytes.subarray(0, this.#size * hashBytes));
    this.#bytes = bytes;
    this.#slots = new Int32Array(capacity * 2);
    for (let index = 0; index < this.#size; index++) this.#slots[this.#slotOf(this.at(index))] = index + 1;
  }
}
