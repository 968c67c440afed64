// The newest committed entries of a document, for readers that are a moment behind; the rest is in the log.
import type { Sequence } from '../port/journal.ts';
import { maxRecentBytes } from './limits.ts';
import type { LiveEntry } from './live-entry.ts';

export class Recent {
  #entries: LiveEntry[] = [];
  #bytes = 0;

  /** The entry after a position, if it is among these. */
  after(position: Sequence): LiveEntry | undefined {
    for (let at = this.#entries.length - 1; at >= 0; at--) {
      const entry = this.#entries[at]!;
      if (entry.previous === position) return entry;
      if (entry.sequence <= position) return undefined;
    }
    return undefined;
  }

  add(entry: LiveEntry): void {
    this.#entries.push(entry);
    this.#bytes += entry.bytes;
    // The newest stays however large: the readers are about to be sent it.
    while (this.#entries.length > 1 && this.#bytes > maxRecentBytes)
      this.#bytes -= this.#entries.shift()!.bytes;
  }

  clear(): void {
    this.#entries = [];
    this.#bytes = 0;
  }
}
