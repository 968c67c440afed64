// The digest tree beside the table of documents: built in slices from what is committed, then kept by what commits. It costs
// nothing until somebody asks for a sum.
//
// A change is noted within its transaction and taken in after it, so that a rollback has nothing to take back. A change of a
// document that the building has not reached yet is not noted: it will be read as it is by then, and new ones come last.
import type Database from 'better-sqlite3';
import { DigestTree } from '../digest/tree.ts';
import { documentColumns, type DocumentFields, type DocumentRow, fieldsOf, isIntact } from './row.ts';

/** Between two requests; whoever waits for a commit meanwhile does not notice. */
const maxSliceMs = 4;
/** Read at once: half a millisecond, so that a slice ends in time. */
const rowsARead = 64;

export class TreeKeeper {
  readonly #statements;
  #key: Uint8Array;
  #tree: DigestTree | undefined;
  /** Documents up to this id are in the tree. */
  #cursor = 0;
  #noted: { readonly before: DocumentFields | undefined; readonly after: DocumentFields }[] = [];
  /** How much of `#noted` is committed. */
  #committed = 0;

  constructor(database: Database.Database, key: Uint8Array) {
    this.#statements = prepare(database);
    this.#key = key;
  }

  /** Whether there is more to read before there are sums. */
  get isBuilding(): boolean {
    return this.#tree !== undefined && this.#cursor < Infinity;
  }

  /** Begins to build; does nothing if that was done. */
  begin(): void {
    this.#tree ??= new DigestTree(this.#key);
  }

  /** Forgets everything, to begin from nothing when it is asked again. */
  drop(key: Uint8Array = this.#key): void {
    this.#key = key;
    this.#tree = undefined;
    this.#cursor = this.#committed = 0;
    this.#noted = [];
  }

  /** Reads some more documents, for about so long. */
  build(forMs = maxSliceMs): void {
    const until = performance.now() + forMs;
    while (this.isBuilding) {
      const rows = this.#statements.after.all(this.#cursor, rowsARead);
      // A row that is damaged is no document: the leaf differs from everybody else's, and whoever reads it finds out why.
      for (const row of rows) if (isIntact(row)) this.#tree!.add(fieldsOf(row));
      this.#cursor = rows.at(-1)?.id ?? Infinity;
      if (performance.now() >= until) return;
    }
  }

  /** Asked within the transaction, before a document changes: what `changed` is to be told of it. */
  before(document: number): DocumentFields | undefined {
    if (this.#tree === undefined || document > this.#cursor) return undefined;
    const row = this.#statements.byId.get(document);
    if (!row) return undefined;
    if (isIntact(row)) return fieldsOf(row);
    // Nobody knows whether it was counted as it is or as it was.
    this.drop();
    this.begin();
    return undefined;
  }

  /** Told within the transaction. */
  changed(before: DocumentFields | undefined, after: DocumentFields): void {
    if (this.#tree !== undefined && after.id <= this.#cursor) this.#noted.push({ before, after });
  }

  committed(): void {
    this.#committed = this.#noted.length;
  }

  rolledBack(): void {
    this.#noted.length = this.#committed;
  }

  /** Takes in what was committed; whoever committed it need not wait for that. */
  catchUp(): void {
    for (const { before, after } of this.#noted.splice(0, this.#committed)) {
      if (before) this.#tree!.remove(before);
      this.#tree!.add(after);
    }
    this.#committed = 0;
  }

  /** Undefined until everything is in it. */
  sums(of: 'root' | 'branches' | number): Uint8Array | undefined {
    if (this.#tree === undefined || this.isBuilding) return undefined;
    this.catchUp();
    return this.#tree.sums(of);
  }
}

function prepare(database: Database.Database) {
  return {
    after: database.prepare<[number, number], DocumentRow>(
      `SELECT ${documentColumns} FROM document WHERE id > ? ORDER BY id LIMIT ?`,
    ),
    byId: database.prepare<[number], DocumentRow>(`SELECT ${documentColumns} FROM document WHERE id = ?`),
  };
}
