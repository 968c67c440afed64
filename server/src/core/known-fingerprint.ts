// What a document held at a sequence: known for a while, since whoever opens the document next asks for it.
import type { Version } from '../port/engine.ts';
import type { Sequence } from '../port/journal.ts';

export class KnownFingerprint {
  #known: { readonly sequence: Sequence; readonly bytes: Uint8Array } | undefined;
  #isWanted = false;
  #ofDraft: Uint8Array | undefined;

  at(sequence: Sequence): Uint8Array | undefined {
    return this.#known?.sequence === sequence ? this.#known.bytes : undefined;
  }

  /** `version` holds what was committed at the sequence, and nothing else. */
  take(sequence: Sequence, version: Version): Uint8Array {
    const bytes = version.fingerprint();
    this.#known = { sequence, bytes };
    return bytes;
  }

  /** It is known after the next commit. */
  want(): void {
    this.#isWanted = true;
  }

  /** `version` is that of the commit that begins. */
  draft(version: Version): void {
    this.#ofDraft = this.#isWanted ? version.fingerprint() : undefined;
    this.#isWanted = false;
  }

  committed(sequence: Sequence): void {
    if (this.#ofDraft) this.#known = { sequence, bytes: this.#ofDraft };
  }

  forget(): void {
    this.#known = undefined;
  }
}
