// What the client needs of a place on this device where documents are kept: the browser's IndexedDB, or a file. All tabs of an origin
// may share one. Types alone, but for the error; no store knows an engine.
import type { ResumePosition } from '@syncline/shared';
import type { EngineName } from '../sync/content.ts';
import type { Tabs } from './tabs.ts';

/** Everything rejects with a `LocalStoreError`, and has changed nothing then. */
export interface LocalStore {
  /** How the tabs that share this store share a connection as well; absent where nobody else has it open. */
  readonly tabs?: Tabs | undefined;
  /**
   * What is kept of a document, or of what has been written since `after`: the snapshot where that is newer, and the entries behind it.
   * Undefined if nothing is kept, or nothing of that life.
   */
  read(document: string, after?: ReadAfter): Promise<KeptDocument | undefined>;
  /** Writes all of it in one transaction, or nothing; resolves when the transaction is complete. Gives an answer for each. */
  write(writes: readonly LocalWrite[]): Promise<readonly LocalWritten[]>;
  /** All documents that are kept. */
  list(): Promise<readonly KeptSummary[]>;
  /** Removes what is kept of a document. */
  forget(document: string): Promise<void>;
  /** Whether the device promises to keep it; where not, a browser may clear it when it needs the space. May ask the user. */
  persist(): Promise<boolean>;
  close(): Promise<void>;
}

export interface ReadAfter {
  readonly life: string;
  readonly through: number;
}

export interface KeptDocument {
  readonly engine: EngineName;
  /** Another one each time that the document was forgotten, or cleared away, and kept again. */
  readonly life: string;
  /** In the order in which they were written; the snapshot first. */
  readonly updates: readonly Uint8Array[];
  /** The number of the last entry; they count up within a life. */
  readonly through: number;
  /** How many entries there are behind the snapshot, and how many bytes, those that were not asked for included. */
  readonly tail: { readonly entries: number; readonly bytes: number };
  readonly mark: Mark | undefined;
  readonly unsaved: readonly Unsaved[];
}

export interface KeptSummary {
  readonly document: string;
  readonly engine: EngineName;
  /** Whether a tab has said so, and has not taken it back. */
  readonly isUnsaved: boolean;
}

/** How far servers have been heard, of which everything is kept. */
export interface Mark {
  readonly resume: ResumePosition | undefined;
  /** Of which incarnation what is kept is, 0 if nothing of it came from a server. */
  readonly incarnation: number;
}

/** That a tab has typed what no server has acknowledged: there until one has. */
export interface Unsaved {
  /** The tab's name; one that was reloaded has another. */
  readonly tab: string;
  readonly edits: number;
  /** When the oldest was made, in milliseconds since 1970. */
  readonly sinceMs: number;
}

export interface LocalWrite {
  readonly document: string;
  readonly engine: EngineName;
  /**
   * To which what is written is added. Undefined: to whatever is there, or a new one. Where the document is of another life by now, the
   * answer says so, nothing of this document is written, and the rest of the transaction is.
   */
  readonly life: string | undefined;
  /** Entries to be added, in this order. */
  readonly updates: readonly Uint8Array[];
  /**
   * A snapshot that holds everything through this entry takes their place. Left out where the snapshot that is there covers more.
   * What it replaces goes, what others added behind it stays.
   */
  readonly snapshot?: { readonly bytes: readonly Uint8Array[]; readonly through: number } | undefined;
  readonly mark?: Mark | undefined;
  /** Takes the place of what this tab has said before; with 0 edits there is nothing unsaved of this tab any more. */
  readonly unsaved?: Unsaved | undefined;
  /** What was read as unsaved, and is not any more: each is removed if it is still just that, for its tab may have typed on. */
  readonly saved?: readonly Unsaved[] | undefined;
}

export type LocalWritten =
  | {
      readonly is: 'written';
      readonly life: string;
      /** The number of the last entry that was added, or that there was. */
      readonly through: number;
    }
  /** The document was forgotten, or cleared away, since it was read: it has to be written as a whole. */
  | { readonly is: 'of-another-life' }
  /** Kept as a document of the other engine. */
  | { readonly is: 'of-another-engine'; readonly engine: EngineName };

export type LocalStoreErrorCode =
  /** There is no space, or no more than the browser allows this origin. Tried again by itself. */
  | 'full'
  /** The store was closed or cleared from outside, or lies about it. Opened again by itself. */
  | 'closed'
  /** Somebody else holds it: another process, or another tab with an older version of the app that has to be closed. */
  | 'held'
  /** It was written by a newer version of the SDK. */
  | 'newer'
  /** There is none here: private windows and blocked storage in some browsers. */
  | 'unavailable'
  /** What is there cannot be read. */
  | 'damaged'
  /** Anything else that the device said. */
  | 'failed';

export class LocalStoreError extends Error {
  override readonly name = 'LocalStoreError';
  readonly code: LocalStoreErrorCode;

  constructor(code: LocalStoreErrorCode, detail: string, options?: ErrorOptions) {
    super(detail, options);
    this.code = code;
  }
}
