// What a dialect that speaks of single changes, each named by its hash of 32 bytes, needs of an engine whose updates are made of
// them, beside port/engine.ts.
import type { Version } from './engine.ts';

/** Which changes a document holds and what each builds on. Indexes are those of this object, and stand as long as it is held. */
export interface ChangeGraph {
  /** Indexes below this are of committed changes. What a change builds on has a lower index than it. */
  readonly committedCount: number;
  /** The committed changes that no committed one builds on; sorted, and copies. */
  readonly committedHeads: readonly Uint8Array[];
  /** Of a committed change that is no orphan. */
  indexOf(hash: Uint8Array): number | undefined;
  /** A view, good until something is added. */
  hashAt(index: number): Uint8Array;
  dependenciesOf(index: number): readonly number[];
  /** Whether it is held, be it uncommitted or an orphan. */
  has(hash: Uint8Array): boolean;
  /** What is not held, and some of these, as far as they are held, build on. */
  missingBefore(hashes: readonly Uint8Array[]): readonly Uint8Array[];
}

/** A change as it lies in an update. */
export interface ChangeInUpdate {
  readonly hash: Uint8Array;
  readonly start: number;
  readonly end: number;
}

export interface ChangeFormat {
  graphOf(version: Version): ChangeGraph;
  /** The changes of an update that has been checked; nothing of what is a whole document. */
  changesOf(update: Uint8Array): readonly ChangeInUpdate[];
  /** Whether some bytes are a whole document, which a snapshot keeps in the place of its changes. */
  isDocument(chunk: Uint8Array): boolean;
  /** The request, for `Engine.readRequest`, of exactly these changes. */
  requestOf(hashes: readonly Uint8Array[]): Uint8Array;
  /** The request, for `Engine.readRequest`, of everything. */
  readonly requestOfAll: Uint8Array;
}
