// What has been committed, over all documents and in the order of the journal: what replicas read.
import type { Listing, Sequence } from '../port/journal.ts';
import type { Piece } from './live-entry.ts';

/** One entry of the journal: what its document is since then, and what was added. */
export interface Commit extends Listing {
  readonly pieces: readonly Piece[];
}

/** Far more than one commit of the journal holds documents. */
const maxWaiting = 10_000;

/**
 * Puts commits in order: the journal numbers them without a gap, but a document may hear of its own a moment later than another
 * one of the next.
 */
export class Commits {
  readonly #waiting = new Map<Sequence, Commit>();
  readonly #listeners = new Set<(commit: Commit) => void>();
  #through: Sequence;

  /** `through` is the journal's head when it was opened. */
  constructor(through: Sequence) {
    this.#through = through;
  }

  /** The last one that the listeners have been told of. */
  get through(): Sequence {
    return this.#through;
  }

  /** Calls `listener` with each commit from now on. Gives what ends that. */
  listen(listener: (commit: Commit) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  add(commit: Commit): void {
    this.#waiting.set(commit.sequence, commit);
    // One that is never told of must not hold up all others for good: listeners see the gap.
    if (this.#waiting.size > maxWaiting) this.#through = Math.min(...this.#waiting.keys()) - 1;
    for (;;) {
      const next = this.#waiting.get(this.#through + 1);
      if (!next) return;
      this.#waiting.delete(next.sequence);
      this.#through = next.sequence;
      for (const listener of this.#listeners) listener(next);
    }
  }
}
