// Changes for one message, as they come out of the journal.
import type { ChangeFormat } from '../../port/changes.ts';
import type { Proposal } from './sync-state.ts';

/** A hash as a key. */
export function keyOf(hash: Uint8Array): string {
  return String.fromCharCode(...hash);
}

/** The changes of an update by their keys; views of it. */
export function changesByKey(format: ChangeFormat, update: Uint8Array): Map<string, Uint8Array> {
  const changes = new Map<string, Uint8Array>();
  for (const { hash, start, end } of format.changesOf(update))
    changes.set(keyOf(hash), update.subarray(start, end));
  return changes;
}

export class Gathering {
  readonly proposal: Proposal;
  readonly #format: ChangeFormat;
  /** Undefined where everything is wanted. */
  readonly #wanted: Set<string> | undefined;
  readonly chunks: Uint8Array[] = [];

  constructor(proposal: Proposal, format: ChangeFormat, wanted: readonly Uint8Array[] | undefined) {
    this.proposal = proposal;
    this.#format = format;
    this.#wanted = wanted && new Set(wanted.map(keyOf));
  }

  /** Takes in a part of an answer, in which there may be more than is wanted. */
  take(piece: Uint8Array): void {
    if (!this.#wanted) this.chunks.push(piece);
    else if (!this.#format.isDocument(piece)) this.#takeWanted(piece, this.#wanted);
    // Finding out what of a snapshot is wanted may cost too much; all of it is as right.
    else if (this.proposal.isVersion2) this.chunks.push(piece);
  }

  #takeWanted(piece: Uint8Array, wanted: Set<string>): void {
    for (const [key, change] of changesByKey(this.#format, piece))
      if (wanted.delete(key)) this.chunks.push(change);
  }
}
