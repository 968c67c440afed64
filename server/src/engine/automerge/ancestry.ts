// Changes in an order in which each comes after what it builds on: their hashes, what they build on, and their last operations. Flat
// arrays, some 60 bytes a change.
import type { TableSeed } from './hash-table.ts';
import { HashTable } from './hash-table.ts';

const minCapacity = 8;

/** How many changes one update may make its reader go back over, in search of what their actors did before. */
export class SearchBudget {
  left = 4_000_000;
}

export class Ancestry {
  readonly #table: HashTable;
  /** Where the dependencies of each begin in `#deps`; one more than there are changes. */
  #firstDep: Uint32Array;
  #deps: Uint32Array;
  #maxOps: Uint32Array;

  constructor(seed: TableSeed, capacity = minCapacity) {
    this.#table = new HashTable(seed, capacity);
    this.#firstDep = new Uint32Array(capacity + 1);
    this.#deps = new Uint32Array(capacity);
    this.#maxOps = new Uint32Array(capacity);
  }

  get size(): number {
    return this.#table.size;
  }

  indexOf(hash: Uint8Array): number | undefined {
    return this.#table.indexOf(hash);
  }

  /** All of them one after another; a view, good until the next `push`. */
  get hashes(): Uint8Array {
    return this.#table.bytes;
  }

  /** A view, good until the next `push`. */
  hashAt(index: number): Uint8Array {
    return this.#table.at(index);
  }

  /** Indexes; a view, good until the next `push`. */
  depsOf(index: number): Uint32Array {
    return this.#deps.subarray(this.#firstDep[index], this.#firstDep[index + 1]);
  }

  maxOpOf(index: number): number {
    return this.#maxOps[index]!;
  }

  /** The number of the last operation in these changes. */
  maxOpOfAll(indexes: ArrayLike<number>): number {
    let maxOp = 0;
    for (let at = 0; at < indexes.length; at++) maxOp = Math.max(maxOp, this.#maxOps[indexes[at]!]!);
    return maxOp;
  }

  /** Gives its index. */
  push(hash: Uint8Array, deps: readonly number[], maxOp: number): number {
    const { size } = this;
    const start = this.#firstDep[size]!;
    const end = start + deps.length;
    this.#firstDep = withPlace(this.#firstDep, size + 2);
    this.#deps = withPlace(this.#deps, end);
    this.#maxOps = withPlace(this.#maxOps, size + 1);
    this.#firstDep[size + 1] = end;
    this.#deps.set(deps, start);
    this.#maxOps[size] = maxOp;
    return this.#table.push(hash);
  }

  /** Takes out the last one. */
  pop(): void {
    this.#table.pop();
  }

  /** Of each change whether it is one of these or comes before one of them: a 1 at its index. */
  closure(indexes: Iterable<number>): Uint8Array {
    const marked = new Uint8Array(this.size);
    let last = -1;
    for (const index of indexes) {
      marked[index] = 1;
      last = Math.max(last, index);
    }
    this.#markBack(marked, last, 0);
    return marked;
  }

  /** Whether a change is one of these or comes before one of them. */
  isBefore(index: number, others: readonly number[], budget: SearchBudget): boolean {
    if (others.includes(index)) return true;
    const last = others.reduce((max, other) => Math.max(max, other), -1);
    if (last < index) return false;
    budget.left -= last - index;
    if (budget.left < 0) return false;
    const marked = new Uint8Array(last + 1 - index);
    for (const other of others) if (other > index) marked[other - index] = 1;
    this.#markBack(marked, last, index);
    return marked[0] === 1;
  }

  /** Marks what comes before what is marked, down to an index, which lies at 0 in `marked`. */
  #markBack(marked: Uint8Array, from: number, downTo: number): void {
    for (let index = from; index >= downTo; index--) {
      if (marked[index - downTo] === 0) continue;
      for (let at = this.#firstDep[index]!; at < this.#firstDep[index + 1]!; at++) {
        const dep = this.#deps[at]! - downTo;
        if (dep >= 0) marked[dep] = 1;
      }
    }
  }
}

function withPlace(array: Uint32Array, length: number): Uint32Array {
  if (length <= array.length) return array;
  const larger = new Uint32Array(Math.max(length, array.length * 2));
  larger.set(array);
  return larger;
}
