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
  /** In the order of arrival, as they came; at least one, unless this begins or ends an incarnation. */
  readonly updates: readonly Uint8Array[];
  /** Of the version after these updates. */
  readonly digest: Digest;
  /** 1 for the first document of its name, and one more each time that it begins anew after a deletion. */
  readonly incarnation: number;
  /**
   * Set when this deletes the document: what `Version.encode` gives of what it held. Snapshot and log of it go in the same
   * commit, and these bytes stay.
   */
  readonly burial?: Uint8Array | undefined;
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
  readonly incarnation: number;
  readonly isDeleted: boolean;
  /** The burials of its incarnations that were deleted here, oldest first. */
  readonly buried: readonly Uint8Array[];
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

/** Chunks from an index on. */
export interface ChunkPage {
  readonly chunks: readonly Uint8Array[];
  readonly isLast: boolean;
}

export interface Replacement {
  readonly document: number;
  /** Of the document as it was read; the replacement of one that has ended since is refused. */
  readonly incarnation: number;
  /** Entries up to here are in the new snapshot and leave the log. */
  readonly through: Sequence;
  readonly version: Uint8Array;
  readonly chunks: readonly Uint8Array[];
  /** Updates that the engine rejects: set aside, out of log and snapshot. */
  readonly quarantined: readonly Uint8Array[];
  /** The version's digest where `quarantined` changed it; undefined leaves what is stored. */
  readonly digest: Digest | undefined;
}

/** What an incarnation held that was deleted, as `Version.encode` gave it. */
export interface Burial {
  readonly incarnation: number;
  readonly version: Uint8Array;
}

/** A document as a salvage found it, to tell whether it still is so. */
export interface Salvaged {
  readonly document: number;
  readonly sequence: Sequence;
  readonly incarnation: number;
  /** What the parts of its snapshot say that they go through, damaged ones included; 0 without a snapshot. */
  readonly through: Sequence;
  /** Its entries in the log that were found, damaged ones included. */
  readonly entries: readonly Sequence[];
}

/** What of a document can still be read where some of its rows cannot. */
export interface Salvage extends Salvaged {
  readonly engine: EngineName;
  readonly isCostly: boolean;
  readonly isDeleted: boolean;
  readonly digest: Digest;
  /** Chunks of its snapshot and updates of its log, in the order in which they were stored. */
  readonly updates: readonly Uint8Array[];
  /** By incarnation. */
  readonly burials: readonly Burial[];
  /** Rows that do not match their checksum, or are missing. */
  readonly damagedRows: number;
}

/** What is put in the place of everything that is stored of a document. */
export interface Restoration {
  readonly salvaged: Salvaged;
  /** Undefined for a document that is deleted. */
  readonly snapshot: { readonly version: Uint8Array; readonly chunks: readonly Uint8Array[] } | undefined;
  readonly digest: Digest;
  /** As in `Replacement`. */
  readonly quarantined: readonly Uint8Array[];
  /** Those that are there and intact stay. */
  readonly burials: readonly Burial[];
}

/** A commit that failed; nothing of it is in the journal, and what was drafted may be drafted again. */
export class CommitFailed extends Error {
  override readonly name = 'CommitFailed';
}

/** A row whose checksum does not match what it holds, or whose content is missing. */
export class CorruptRow extends Error {
  override readonly name = 'CorruptRow';
}

/** What others compare of a document, without anything of its content. */
export interface Listing {
  readonly name: DocumentName;
  readonly engine: EngineName;
  /** Of its last entry. */
  readonly sequence: Sequence;
  readonly digest: Digest;
  readonly incarnation: number;
  readonly isDeleted: boolean;
}

/** Documents by the sequence of their last entry, and the journal's head as it was when the page was read. */
export interface FeedPage {
  readonly listings: readonly Listing[];
  readonly head: Sequence;
}

/** Some sums of the digest tree, `sumBytes` each, and the head that they are of. */
export interface TreeSums {
  readonly sums: Uint8Array;
  readonly head: Sequence;
}

/** The documents of one leaf of the digest tree, in the order of their names. */
export interface LeafPage {
  readonly listings: readonly Listing[];
  readonly isLast: boolean;
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
  /** 8 bytes, new whenever the journal is opened, and when `beginEpoch` says so. */
  readonly epoch: Uint8Array;
  /** The last sequence that is known here to be committed, 0 if none is. */
  readonly lastSequence: Sequence;
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
  /**
   * Puts a snapshot in the place of the one before and of the entries it holds. Neither sequence nor content changes, unless
   * the digest does: the document then gets a new sequence, which this gives, and at it an entry without updates. Rejects with
   * CommitFailed, also when the incarnation has ended or a newer snapshot is there.
   */
  replace(replacement: Replacement): Promise<Sequence | undefined>;
  /** What is intact of a document. Undefined for one that has never been committed. Rejects with CorruptRow if its own row is damaged. */
  salvage(name: DocumentName): Promise<Salvage | undefined>;
  /**
   * Puts a snapshot in the place of all that is stored of a document; rows that are damaged are set aside as they are. The document
   * gets a new sequence, which this gives, and no reader goes on from an earlier one. Rejects with CommitFailed, also when the document
   * is another one than was salvaged.
   */
  restore(restoration: Restoration): Promise<Sequence>;
  markCostly(document: number): Promise<void>;
  /**
   * Begins an epoch at once, and ends the current one where it began: for a process that finds out that it went on from an older
   * state of its memory, and has numbered twice what came after that. Gives its id,
   * which is `epoch` from then on.
   */
  beginEpoch(): Promise<Uint8Array>;
  /**
   * Documents whose last entry comes after a sequence, in that order; fewer than `maxListings` only at the head. One whose own row is
   * damaged is left out, here and wherever documents are listed, and told to whoever opened the journal.
   */
  feed(after: Sequence, maxListings: number): Promise<FeedPage>;
  /** How many documents have their last entry after a sequence. */
  countAfter(sequence: Sequence): Promise<number>;
  /** For each name its document; undefined for one that has never been committed, or whose own row is damaged. */
  /** The Automerge document that is called so where names are 16 bytes, if one was ever committed. */
  named(alias: Uint8Array): Promise<DocumentName | undefined>;
  listings(names: readonly DocumentName[]): Promise<readonly (Listing | undefined)[]>;
  /**
   * Sums of the digest tree over all documents: its root, its 256 branches, or the 256 leaves of one branch. Undefined while the
   * tree is being built, which begins with the first call.
   */
  sums(of: 'root' | 'branches' | number): Promise<TreeSums | undefined>;
  /** Documents of a leaf, from 0 to 65,535, whose names come after one; the empty name comes before all. */
  leaf(leaf: number, after: string, maxListings: number): Promise<LeafPage>;
  /** What is remembered under each key, as `remember` was given it. */
  memories(): Promise<readonly { readonly key: Uint8Array; readonly value: Uint8Array }[]>;
  /**
   * Keeps a value under a key of 16 bytes, in the place of the one before. `take` is called when the next commit begins, after all
   * its drafts: the value is in the same transaction as what they hold. Undefined keeps nothing; an empty value takes the key
   * away. Resolves and rejects as `append` does.
   */
  remember(key: Uint8Array, take: () => Uint8Array | undefined): Promise<void>;
  statistics(): Promise<JournalStatistics>;
  /** Commits what was appended, then closes. */
  stop(): Promise<void>;
}
