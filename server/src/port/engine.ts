// What the server needs of a CRDT engine: bytes in, bytes out, so that it can stand behind a thread.

export type EngineName = 'yjs';

/** A version's canonical hash, 16 bytes: equal exactly when the same operations are held. */
export type Digest = Uint8Array;

declare const summaryBrand: unique symbol;
declare const additionBrand: unique symbol;

/** What an update holds, as the engine's own check read it. Only the engine that made it can read it. */
export interface Summary {
  readonly [summaryBrand]: EngineName;
}

/** Exactly what one update added to a version, so that it can be taken back when its commit fails. */
export interface Addition {
  readonly [additionBrand]: EngineName;
}

/** What a holder has of one document. Grows with every update, shrinks only when an addition is withdrawn. */
export interface Version {
  digest(): Digest;
  /** Gives what the update added, or undefined if everything in it is held. */
  add(summary: Summary): Addition | undefined;
  /** Whether the update's own predecessors, or what it refers to, are not all held. Asked after `add`. */
  hasGap(summary: Summary): boolean;
  withdraw(addition: Addition): void;
  /** The request that makes another holder send what is missing here; for Yjs a state vector. */
  request(): Uint8Array;
  /** The bytes that are stored with a snapshot and read by `Engine.version`. */
  encode(): Uint8Array;
  readonly operations: number;
}

/** What of a document a compaction starts from, in the order in which it was stored. */
export interface Stored {
  /** The snapshot's version as `Version.encode` gave it, if there is a snapshot. */
  readonly version: Uint8Array | undefined;
  /** The snapshot's chunks in causal order, the last one its declared deletions alone. */
  readonly chunks: readonly Uint8Array[];
  /** Updates committed after the snapshot, oldest first. */
  readonly tail: readonly Uint8Array[];
}

export interface Compaction {
  readonly version: Uint8Array;
  /** As in `Stored`. */
  readonly chunks: readonly Uint8Array[];
  /** Indexes into `Stored.tail` of updates that the engine rejects; they are in neither version nor chunks. */
  readonly rejected: readonly number[];
  readonly digest: Digest;
}

export type ExportFormat = 'json' | 'text';

/**
 * A task that took more time or memory than it may. Its worker has been ended; the document is *costly* when it
 * happens twice.
 */
export class CostlyTask extends Error {
  override readonly name = 'CostlyTask';
}

export interface Engine {
  readonly name: EngineName;
  /**
   * Reads an update through, without building a document. Large updates are read in a worker.
   * Throws, or rejects with, a SyncError `malformed_update` or `update_too_costly`.
   */
  check(update: Uint8Array): Summary | Promise<Summary>;
  /** The version of a snapshot and a tail; undefined for a document that has no snapshot. */
  version(snapshot: Uint8Array | undefined, tail: readonly Uint8Array[]): Version;
  /** Whether a holder with this request needs nothing of a snapshot with this version but its deletions. */
  covers(request: Uint8Array, snapshotVersion: Uint8Array): boolean;
  /** Throws a SyncError `bad_frame` for a request that cannot be read. */
  checkRequest(request: Uint8Array): void;
  /** Whether the request claims nothing, so that everything must be sent as it is. */
  claimsNothing(request: Uint8Array): boolean;
  /** What a holder with this request lacks of these updates, piece by piece; empty pieces are left out. */
  diff(request: Uint8Array, updates: readonly Uint8Array[]): Promise<Uint8Array[]>;
  /** The tail updates that a holder with this request may lack. For tails that fit in memory. */
  filter(request: Uint8Array, tail: readonly Uint8Array[]): readonly Uint8Array[];
  /** The same content in fewer pieces, small neighbours merged; for what is sent, never for what is stored. */
  bundle(updates: readonly Uint8Array[]): readonly Uint8Array[];
  /** Rejects with CostlyTask when it runs over its deadline or memory. */
  compact(stored: Stored): Promise<Compaction>;
  /** Rejects with CostlyTask when it runs over its deadline or memory. */
  export(stored: Stored, format: ExportFormat): Promise<string>;
  /** Ends the workers. Tasks under way reject. */
  stop(): Promise<void>;
}
