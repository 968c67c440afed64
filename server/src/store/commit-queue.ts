// What waits for the next commit: drafts, drawn up when it begins, and memories, whose values are taken after them.
import type { DocumentName } from '@syncline/shared';
import type { Committed, Draft } from '../port/journal.ts';
import type { Memory, NamedDraft } from './batch.ts';

interface Appending {
  readonly name: DocumentName;
  readonly draft: () => Draft;
  readonly resolve: (committed: Committed) => void;
  readonly reject: (error: Error) => void;
}

interface Remembering {
  readonly key: Uint8Array;
  readonly take: () => Uint8Array | undefined;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** What one commit is to hold, and those who wait for it. */
export interface Gathered {
  readonly drafts: readonly NamedDraft[];
  readonly memories: readonly Memory[];
  readonly committed: (committed: readonly Committed[]) => void;
  readonly failed: (error: Error) => void;
}

export class CommitQueue {
  #appending: Appending[] = [];
  #remembering: Remembering[] = [];

  get isEmpty(): boolean {
    return this.#appending.length + this.#remembering.length === 0;
  }

  append(name: DocumentName, draft: () => Draft): Promise<Committed> {
    return new Promise((resolve, reject) => this.#appending.push({ name, draft, resolve, reject }));
  }

  remember(key: Uint8Array, take: () => Uint8Array | undefined): Promise<void> {
    return new Promise((resolve, reject) => this.#remembering.push({ key, take, resolve, reject }));
  }

  /** Draws up what the commit that begins now is to hold; past `maxBytes` the rest waits for another one. */
  gather(maxBytes = Infinity): Gathered {
    const drafts: NamedDraft[] = [];
    let bytes = 0;
    while (drafts.length < this.#appending.length && bytes < maxBytes) {
      const { name, draft: draw } = this.#appending[drafts.length]!;
      const draft = draw();
      drafts.push({ name, draft });
      for (const { length } of draft.updates) bytes += length;
    }
    const appending = this.#appending.slice(0, drafts.length);
    this.#appending = this.#appending.slice(drafts.length);
    const remembering = this.#remembering;
    this.#remembering = [];
    return {
      drafts,
      // What they say may be of the drafts above.
      memories: remembering.flatMap(({ key, take }) => {
        const value = take();
        return value ? [{ key, value }] : [];
      }),
      committed: (committed) => {
        appending.forEach(({ resolve }, index) => resolve(committed[index]!));
        for (const { resolve } of remembering) resolve();
      },
      failed: (error) => {
        for (const { reject } of [...appending, ...remembering]) reject(error);
      },
    };
  }
}
