// The boots that a journal has been through, and how far each of them got: what tells whether somebody who has read it
// before has read what is in it now.
import type { Sequence } from '../port/journal.ts';

export interface Epoch {
  /** 8 bytes. */
  readonly id: Uint8Array;
  /** The journal's head when it was opened. */
  readonly start: Sequence;
}

export const replicaBytes = 16;
export const epochBytes = 8;

export class Lineage {
  readonly #epochs: readonly Epoch[];
  readonly #ends = new Map<string, Sequence>();
  readonly #current: string;

  /** Oldest first; the last one is the current one. */
  constructor(epochs: readonly Epoch[]) {
    this.#epochs = epochs;
    this.#current = key(epochs.at(-1)!.id);
    // What an epoch committed and a later one did not find when it began is gone.
    let end = Infinity;
    for (const { id, start } of epochs.toReversed()) {
      this.#ends.set(key(id), end);
      end = Math.min(end, start);
    }
  }

  /** Of the epoch that is current now. */
  get epoch(): Uint8Array {
    return this.#epochs.at(-1)!.id;
  }

  /** Where that one began. */
  get start(): Sequence {
    return this.#epochs.at(-1)!.start;
  }

  /** The lineage after another epoch has begun. */
  followedBy(epoch: Epoch): Lineage {
    return new Lineage([...this.#epochs, epoch]);
  }

  /** `head` is the last sequence committed in the current epoch. */
  includes(epoch: Uint8Array, sequence: Sequence, head: Sequence): boolean {
    // It comes from a client, and may be as long as a frame.
    if (epoch.length !== epochBytes) return false;
    const name = key(epoch);
    const end = name === this.#current ? head : this.#ends.get(name);
    return end !== undefined && sequence <= end;
  }
}

function key(epoch: Uint8Array): string {
  return epoch.join();
}
