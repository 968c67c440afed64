// What the client needs of a document's engine: bytes in, bytes out, and to be told what is typed.

export type EngineName = 'yjs' | 'automerge';

export interface Content {
  readonly engine: EngineName;
  /** Whether nothing has ever been in it. */
  readonly isEmpty: boolean;
  /** Whether something is in it that waits for what is missing, of which `request` tells nothing. */
  readonly hasGaps: boolean;
  /** Whether it is in the midst of a change, of which `edited` may be told when it is over. */
  readonly isChanging: boolean;
  /** What the document holds, for a server to answer; for Yjs a state vector, for Automerge a heads request. */
  request(): Uint8Array;
  /** The hash of the deletions that it holds, 8 bytes; nothing where `request` tells of them. */
  deletions(): Uint8Array;
  /** What a server's digest is compared with, 16 bytes. */
  fingerprint(): Uint8Array;
  /** Updates with everything that a holder with this request lacks, deletions included, each after what it needs. */
  lacking(request: Uint8Array): readonly Uint8Array[];
  /** Updates with everything that is in it, what waits for what is missing included. */
  whole(): readonly Uint8Array[];
  /** Takes in updates of others. */
  apply(updates: readonly Uint8Array[]): void;
  /** The same in fewer updates; as they are where they cannot be merged. */
  merge(updates: readonly Uint8Array[]): readonly Uint8Array[];
  /** Gives what ends it. */
  listen(listener: ContentChanges): () => void;
}

export interface ContentChanges {
  /** An update was made here. */
  readonly edited: (update: Uint8Array) => void;
  /** A change is over, and what was made here in it has been told. */
  readonly changed: () => void;
}
