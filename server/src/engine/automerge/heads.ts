// The changes on which no other one builds.
import type { Ancestry } from './ancestry.ts';
import { compareBytes } from './compare-bytes.ts';

export class Heads {
  readonly #ancestry: Ancestry;
  readonly #indexes = new Set<number>();
  #hashes: readonly Uint8Array[] | undefined;

  constructor(ancestry: Ancestry) {
    this.#ancestry = ancestry;
  }

  /** Copies, sorted. */
  get hashes(): readonly Uint8Array[] {
    return (this.#hashes ??= Array.from(this.#indexes, (index) =>
      this.#ancestry.hashAt(index).slice(),
    ).toSorted(compareBytes));
  }

  get indexes(): ReadonlySet<number> {
    return this.#indexes;
  }

  /** A change has come. Gives those of what it builds on that were heads. */
  extend(index: number): number[] {
    const covered: number[] = [];
    for (const dep of this.#ancestry.depsOf(index)) if (this.#indexes.delete(dep)) covered.push(dep);
    this.#indexes.add(index);
    this.#hashes = undefined;
    return covered;
  }

  /** A change goes; these were covered by it. */
  retract(index: number, covered: readonly number[]): void {
    this.#indexes.delete(index);
    for (const dep of covered) this.#indexes.add(dep);
    this.#hashes = undefined;
  }
}
