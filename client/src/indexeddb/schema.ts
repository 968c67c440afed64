// How documents lie in IndexedDB. What is added to one is a small row and an entry; its snapshot is in an object store of its own, so that
// adding neither reads nor writes it.
import type { DBSchema, IDBPDatabase, IDBPTransaction } from 'idb';
import type { KeptDocument, Mark, Unsaved } from '../local/store.ts';
import type { EngineName } from '../sync/content.ts';

export const schemaVersion = 1;

export const storeNames = ['documents', 'snapshots', 'entries', 'unsaved'] as const;

export interface DocumentRow {
  readonly engine: EngineName;
  readonly life: string;
  readonly through: number;
  readonly snapshot: { readonly through: number } | undefined;
  readonly tail: KeptDocument['tail'];
  readonly mark: Mark | undefined;
}

export interface Schema extends DBSchema {
  documents: { key: string; value: DocumentRow };
  snapshots: { key: string; value: readonly Uint8Array[] };
  /** By document and number. */
  entries: { key: [string, number]; value: Uint8Array };
  /** By document and tab. */
  unsaved: { key: [string, string]; value: Unsaved };
}

export type Database = IDBPDatabase<Schema>;
export type Transaction<Mode extends IDBTransactionMode> = IDBPTransaction<
  Schema,
  (typeof storeNames)[number][],
  Mode
>;

export function upgrade(database: Database): void {
  for (const name of storeNames) database.createObjectStore(name);
}

/** All entries of a document behind this number. */
export function entriesBehind(document: string, through: number): IDBKeyRange {
  return IDBKeyRange.bound([document, through], [document, Number.POSITIVE_INFINITY], true);
}

export function entriesThrough(document: string, through: number): IDBKeyRange {
  return IDBKeyRange.bound([document, 0], [document, through]);
}

/** A list comes after every text. */
export function unsavedOf(document: string): IDBKeyRange {
  return IDBKeyRange.bound([document, ''], [document, []]);
}
