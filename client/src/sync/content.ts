// What the client needs of a document's engine: bytes in, bytes out, and to be told what is typed.

export interface Content {
  /** Whether nothing has ever been in it. */
  readonly isEmpty: boolean;
  /** What the document holds, for a server to answer; for Yjs a state vector. */
  request(): Uint8Array;
  /** The hash of the deletions that it holds, 8 bytes. */
  deletions(): Uint8Array;
  /** What a server's digest is compared with, 16 bytes. */
  fingerprint(): Uint8Array;
  /** An update with everything that a holder with this request lacks, deletions included; undefined if that is nothing. */
  lacking(request: Uint8Array): Uint8Array | undefined;
  /** Takes in updates of others. */
  apply(updates: readonly Uint8Array[]): void;
  /** One update with what several hold. */
  merge(updates: readonly Uint8Array[]): Uint8Array;
  /** Calls `listener` with every update that was made here. Gives what ends that. */
  onEdit(listener: (update: Uint8Array) => void): () => void;
}
