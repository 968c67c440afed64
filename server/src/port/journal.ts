// The committed log: what is acknowledged, shown and replicated is what it has committed. Everything is read by position.
import type { DocumentName } from '@syncline/shared';
import type { Digest, EngineName } from './engine.ts';

/** A replica's own numbering of accepted changes: grows by one for each entry committed, over all documents. */
export type Sequence = number;

/** What one commit is to add to one document. */
export interface Draft {
  /** As `Committed.document` gave it; undefined for a document that has never been committed. */
  readonly document: number | undefined;
  readonly engine: EngineName;
  /** The sequence of the document's entry before this one, 0 for its first. */
  readonly previous: Sequence;
  /** At least one, in the order of arrival, as they came. */
  readonly updates: readonly Uint8Array[];
  /** Of the version after these updates. */
  readonly digest: Digest;
}

export interface Committed {
  /** The journal's own number of the document. */
  readonly document: number;
  readonly sequence: Sequence;
}

/** What a commit added to a document, as it was read back. */
export interface Entry {
  readonly sequence: Sequence;
  readonly updates: readonly Uint8Array[];
}

/** A document as it was last committed, without the content of its snapshot. */
export interface Head {
  readonly document: number;
  readonly engine: EngineName;
  /** Of its last entry. */
  readonly sequence: Sequence;
  readonly digest: Digest;
  /** Set when its engine tasks ran over their limits twice: it is served as stored. */
  readonly isCostly: boolean;
  readonly snapshot: SnapshotHead | undefined;
  /** Entries after the snapshot, oldest first. */
  readonly tail: readonly Entry[];
}

export interface SnapshotHead {
  /** The last sequence that the snapshot holds. */
  readonly through: Sequence;
  readonly version: Uint8Array;
  readonly chunkCount: number;
  readonly bytes: number;
}

/** A page of entries; `isLast` when it reaches the document's head as it was when the page was read. */
export interface LogPage {
  readonly entries: readonly Entry[];
  readonly isLast: boolean;
}

/** Chunks from an index on; the last chunk of a snapshot is its declared deletions. */
export interface ChunkPage {
  readonly chunks: readonly Uint8Array[];
  readonly isLast: boolean;
}

export interface Replacement {
  readonly document: number;
  /** Entries up to here are in the new snapshot and leave the log. */
  readonly through: Sequence;
  readonly version: Uint8Array;
  readonly chunks: readonly Uint8Array[];
  /** Updates that the engine rejects: set aside, out of log and snapshot. */
  readonly quarantined: readonly Uint8Array[];
  /** The version's digest where `quarantined` changed it; undefined leaves what is stored. */
  readonly digest: Digest | undefined;
}

/** A commit that failed; nothing of it is in the journal, and what was drafted may be drafted again. */
export class CommitFailed extends Error {
  override readonly name = 'CommitFailed';
}

/** A row whose checksum does not match what it holds, or whose content is missing. */
export class CorruptRow extends Error {
  override readonly name = 'CorruptRow';
}

export interface JournalStatistics {
  readonly databaseBytes: number;
  readonly logBytes: number;
}

export interface Journal {
  /** 16 bytes under which this replica's digests are made; kept with the data. */
  readonly digestKey: Uint8Array;
  /** 16 bytes that tell this replica from all others; kept with the data. */
  readonly replica: Uint8Array;
  /** 8 bytes, new whenever the journal is opened. */
  readonly epoch: Uint8Array;
  /**
   * Whether everything that was committed up to a sequence, as it was in an epoch, is in this journal: false for an epoch
   * that a restored backup does not know, and for a sequence that a power cut took away.
   */
  isInLineage(epoch: Uint8Array, sequence: Sequence): boolean;
  /**
   * Resolves after the commit, and the fsync, that holds the draft. `draft` is called when that commit begins, so that
   * what a document gathers until then rides along; a document has one append under way at a time. Entries of one
   * commit get their sequences in the order of the calls. Rejects with CommitFailed; so does a draft that does not follow
   * the document as it is, and it may take along what would have been in the same commit.
   */
  append(name: DocumentName, draft: () => Draft): Promise<Committed>;
  /** Undefined for a document that has never been committed. Rejects with CorruptRow. */
  head(name: DocumentName): Promise<Head | undefined>;
  /** Entries after a sequence, up to about `maxBytes`; 'compacted' when the log no longer goes back so far. */
  log(document: number, after: Sequence, maxBytes: number): Promise<LogPage | 'compacted'>;
  /** Chunks of the snapshot through a sequence, from an index on; 'replaced' when there is another snapshot by now. */
  chunks(
    document: number,
    through: Sequence,
    from: number,
    maxBytes: number,
  ): Promise<ChunkPage | 'replaced'>;
  /** Puts a snapshot in the place of the one before and of the entries it holds. Neither sequence nor content changes. */
  replace(replacement: Replacement): Promise<void>;
  markCostly(document: number): Promise<void>;
  statistics(): Promise<JournalStatistics>;
  /** Commits what was appended, then closes. */
  stop(): Promise<void>;
}
