// A document of Automerge's own, for as long as a task needs it. It lies in the memory of WebAssembly, which nothing gives back but
// `free`. Only the core of Automerge is used: what would be shown to an application is never made.
import * as Automerge from '@automerge/automerge';

type Handle = ReturnType<typeof Automerge.getBackend>;

export class LiveDocument implements Disposable {
  /** Set when Automerge has given up in the midst of something, and may have left anything behind. */
  static hasPanicked = false;
  readonly #handle: Handle = Automerge.getBackend(Automerge.init());

  /**
   * Takes in whole documents, then changes. Automerge is silent about some of what it leaves out, and throws about other: whoever
   * calls this compares the heads.
   */
  static of(documents: readonly Uint8Array[], changes: readonly Uint8Array[]): LiveDocument {
    const live = new LiveDocument();
    try {
      for (const document of documents) live.#handle.loadIncremental(document);
      if (changes.length > 0) live.#handle.applyChanges([...changes]);
      return live;
    } catch (error) {
      // What it says of bytes that it cannot read is a plain error.
      if (!(error instanceof Error) || error.constructor !== Error) LiveDocument.hasPanicked = true;
      live[Symbol.dispose]();
      throw error;
    }
  }

  /** Hashes in hexadecimal digits, sorted. */
  get heads(): readonly string[] {
    return this.#handle.getHeads().toSorted();
  }

  /** What an application would be shown. */
  content(): unknown {
    return this.#handle.materialize('/');
  }

  save(): Uint8Array {
    return this.#handle.save();
  }

  /** One by one, in an order in which each comes after what it builds on. */
  changes(): readonly Uint8Array[] {
    return this.#handle.getChanges([]);
  }

  /** Undefined for a change that is not in it. */
  change(hash: Uint8Array): Uint8Array | undefined {
    return this.#handle.getChangeByHash(Buffer.from(hash).toString('hex')) ?? undefined;
  }

  [Symbol.dispose](): void {
    this.#handle.free();
  }
}

/** Those of these changes that are in a whole document. */
export function pickFromDocument(document: Uint8Array, hashes: readonly Uint8Array[]): readonly Uint8Array[] {
  using live = LiveDocument.of([document], []);
  return hashes.map((hash) => live.change(hash)).filter((change) => change !== undefined);
}

/** Whether Automerge still works: once its memory is used up it does not. */
export function isAlive(): boolean {
  try {
    new LiveDocument()[Symbol.dispose]();
    return true;
  } catch {
    return false;
  }
}
