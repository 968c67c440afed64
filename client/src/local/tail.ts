// How long the tail of a kept document is, and when a snapshot is to take its place.
import { sizeOf } from '../sync/pending.ts';
import type { KeptDocument } from './store.ts';

/** A tail is replaced when it has these, and as many bytes as the snapshot, or an entry for so many of its bytes. */
const minEntries = 500;
const minBytes = 256 * 1024;
const entryBytes = 1024;

export class Tail {
  #entries = 0;
  #bytes = 0;
  #snapshotBytes = 0;

  get isLong(): boolean {
    return (
      this.#entries >= Math.max(minEntries, this.#snapshotBytes / entryBytes) ||
      this.#bytes >= Math.max(minBytes, this.#snapshotBytes)
    );
  }

  /** As the store says. */
  is({ entries, bytes }: KeptDocument['tail']): void {
    this.#entries = entries;
    this.#bytes = bytes;
  }

  read({ updates, tail }: KeptDocument): void {
    this.is(tail);
    this.#snapshotBytes = sizeOf(updates) - tail.bytes;
  }

  added(updates: readonly Uint8Array[]): void {
    this.#entries += updates.length;
    this.#bytes += sizeOf(updates);
  }

  replaced(snapshot: readonly Uint8Array[]): void {
    this.is({ entries: 0, bytes: 0 });
    this.#snapshotBytes = sizeOf(snapshot);
  }
}
