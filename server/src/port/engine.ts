// What the server needs of a CRDT engine: bytes in, bytes out, so that it can stand behind a thread.

export type EngineName = 'yjs' | 'automerge';

/** A version's canonical hash, 16 bytes: equal exactly when the same operations are held. */
export type Digest = Uint8Array;

declare const summaryBrand: unique symbol;
declare const requestBrand: unique symbol;
declare const additionBrand: unique symbol;

/** What an update holds, as the engine's own check read it. Only the engine that made it can read it. */
export interface Summary {
  readonly [summaryBrand]: EngineName;
}

/** What a holder says that it has, read once. Only the engine that made it can read all of it. */
export interface ReaderRequest {
  readonly [requestBrand]: EngineName;
  /** As the holder sent it; a copy. */
  readonly bytes: Uint8Array;
  readonly claimsNothing: boolean;
  /** Set where it says what the reader lacks and wants nothing else, however little that would be. */
  readonly isExact: boolean;
}

/** Exactly what one update added to a version, so that it can be taken back when its commit fails. */
export interface Addition {
  readonly [additionBrand]: EngineName;
}

/** What a holder has of one document. Grows with every update, shrinks only when an addition is withdrawn. */
export interface Version {
  /** Whether nothing is held, deletions included. */
  readonly isEmpty: boolean;
  digest(): Digest;
  /**
   * Gives what the update added, or undefined if everything in it is held. Throws a SyncError `malformed_update`, with nothing added,
   * for what cannot be held beside what is held.
   */
  add(summary: Summary): Addition | undefined;
  /** Whether the update's own predecessors, or what it refers to, are not all held. Asked after `add`. */
  hasGap(summary: Summary): boolean;
  /** Only the newest of those that are neither withdrawn nor settled. */
  withdraw(addition: Addition): void;
  /** The commit of an addition has ended well: it is never withdrawn. Told in the order in which they were made. */
  settled(addition: Addition): void;
  /** The request that makes another holder send what is missing here; for Yjs a state vector. */
  request(): Uint8Array;
  /** What a client compares with what it holds itself, 16 bytes; for Yjs `fingerprint` of the shared package. */
  fingerprint(): Uint8Array;
  /** Whether a holder with this request, and deletions of this hash, has or may have something that is missing here. */
  lacks(request: ReaderRequest, deletions: Uint8Array): boolean;
  /** What a holder with this request lacks, if that can be said better with what is held here than by the request alone. */
  narrow(request: ReaderRequest): ReaderRequest;
  /** The bytes that are stored with a snapshot and read by `Engine.version`. */
  encode(): Uint8Array;
  /** Whether some of what an update carries, or deletes, is held here and not by the current version. */
  touches(summary: Summary, current: Version): boolean;
  /** Whether a holder with this request has some of what is held here and not by the current version. */
  isSharedWith(request: ReaderRequest, current: Version): boolean;
  /** Whether the update can be taken in without the version growing past what can be kept in memory. */
  hasPlace(summary: Summary): boolean;
}

/** What of a document a compaction starts from, in the order in which it was stored. */
export interface Stored {
  /** The snapshot's version as `Version.encode` gave it, if there is a snapshot. */
  readonly version: Uint8Array | undefined;
  /** The snapshot's chunks in causal order; for Yjs the last one is its declared deletions alone. */
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

/** What of a snapshot somebody needs: all of its chunks, the last one alone, or none. */
export type SnapshotNeed = 'everything' | 'last chunk' | 'nothing';

export type ExportFormat = 'json' | 'text';

/**
 * A task that took more time or memory than it may. Its worker has been ended; the document is *costly* when it
 * happens twice.
 */
export class CostlyTask extends Error {
  override readonly name = 'CostlyTask';
}

/** Engines by name. */
export type Engines = ReadonlyMap<string, Engine>;

export function enginesOf(...engines: readonly Engine[]): Engines {
  return new Map(engines.map((engine) => [engine.name, engine]));
}

export interface Engine {
  readonly name: EngineName;
  /**
   * Reads an update through, without building a document. Large updates are read in a worker.
   * Throws, or rejects with, a SyncError `malformed_update` or `update_too_costly`.
   */
  check(update: Uint8Array): Summary | Promise<Summary>;
  /**
   * The update without what the version holds of it already, and the update itself if that is nothing. Two contents for the
   * same operations, which no client makes, would otherwise meet in every reader. A large update is given back as it is.
   */
  trim(update: Uint8Array, summary: Summary, version: Version): Uint8Array;
  /**
   * The version of a snapshot, undefined for a document that has none, and a tail. A long tail is read in a worker, and
   * rejects with CostlyTask when that runs over its deadline or memory.
   */
  version(snapshot: Uint8Array | undefined, tail: readonly Uint8Array[]): Version | Promise<Version>;
  /** The request of a holder of nothing. */
  readonly nothingHeld: ReaderRequest;
  /** Reads what a holder says that it has. Throws a SyncError `bad_frame` or `frame_too_large`. */
  readRequest(bytes: Uint8Array): ReaderRequest;
  /** What a holder with this request, narrowed, needs of a snapshot with this version. */
  needs(request: ReaderRequest, snapshotVersion: Uint8Array): SnapshotNeed;
  /**
   * What a holder with this request lacks of these updates, piece by piece; empty pieces are left out. Rejects with
   * CostlyTask when it runs over its deadline or memory.
   */
  diff(request: ReaderRequest, updates: readonly Uint8Array[]): Promise<readonly Uint8Array[]>;
  /** The same content in fewer pieces, small neighbours merged; for what is sent, never for what is stored. */
  bundle(updates: readonly Uint8Array[]): readonly Uint8Array[];
  /** Rejects with CostlyTask when it runs over its deadline or memory. */
  compact(stored: Stored): Promise<Compaction>;
  /** As `compact`, for a document that costs too much to be built: nothing is left out, and little is saved. */
  fold(stored: Stored): Promise<Compaction>;
  /** Rejects with CostlyTask when it runs over its deadline or memory. */
  export(stored: Stored, format: ExportFormat): Promise<string>;
  /** Ends the workers. Tasks under way reject. */
  stop(): Promise<void>;
}
