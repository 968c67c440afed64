// Puts a snapshot in the place of a damaged document's rows, within the writer's transaction; what is damaged of them is set aside
// byte for byte.
import type Database from 'better-sqlite3';
import { CommitFailed, type Restoration } from '../port/journal.ts';
import { ContentRows, isBurialIntact, isEntryIntact, isPartIntact } from './content-rows.ts';
import {
  checksum,
  documentChecksum,
  documentColumns,
  type DocumentFields,
  type DocumentRow,
  fieldsOf,
  isIntact,
  packUpdates,
} from './row.ts';
import { versionPart } from './schema.ts';

const nothing = Buffer.alloc(0);

export class Restorer {
  readonly #rows: ContentRows;
  readonly #statements;

  constructor(database: Database.Database) {
    this.#rows = new ContentRows(database);
    this.#statements = prepare(database);
  }

  /** Within a transaction. Gives the document's row as it is then. Throws CommitFailed if the document is another one than was salvaged. */
  restore(restoration: Restoration, sequence: number): DocumentFields {
    const before = this.#expectAsSalvaged(restoration);
    const { id } = before;
    this.#clear(id, restoration.salvaged.entries);
    this.#put(id, restoration, sequence);
    const after = { ...before, sequence, digest: restoration.digest };
    this.#statements.setDocument.run(sequence, after.digest, documentChecksum(after), id);
    return after;
  }

  #expectAsSalvaged({ salvaged, snapshot }: Restoration): DocumentFields {
    const { document, sequence, incarnation, through } = salvaged;
    const row = this.#statements.document.get(document);
    const isAsSalvaged =
      row !== undefined &&
      isIntact(row) &&
      row.sequence === sequence &&
      row.incarnation === incarnation &&
      (row.is_deleted === 0) === (snapshot !== undefined) &&
      this.#rows.through(document) === through;
    if (!isAsSalvaged) throw new CommitFailed('the document is another one than was salvaged');
    return fieldsOf(row);
  }

  /** Takes away all content, and the burials that are damaged. */
  #clear(document: number, entries: readonly number[]): void {
    const { removeEntry, removeSnapshot, removeBurial } = this.#statements;
    for (const sequence of entries) {
      const row = this.#rows.entry(sequence);
      if (!row) continue;
      const { data, ...numbers } = row;
      if (!isEntryIntact(row, document)) this.#setAside(document, 'log', sequence, { numbers, data });
      removeEntry.run(sequence);
    }
    for (const row of this.#rows.parts(document)) {
      const { data, ...numbers } = row;
      if (!isPartIntact(row)) this.#setAside(document, 'snapshot', row.part, { numbers, data });
    }
    removeSnapshot.run(document);
    for (const row of this.#rows.burials(document)) {
      if (isBurialIntact(row)) continue;
      const { data, ...numbers } = row;
      this.#setAside(document, 'burial', row.incarnation, { numbers, data });
      removeBurial.run(document, row.incarnation);
    }
  }

  #setAside(
    document: number,
    origin: string,
    place: number,
    { numbers, data }: { readonly numbers: object; readonly data: Buffer },
  ): void {
    this.#statements.setAside.run(document, origin, place, JSON.stringify(numbers), data);
  }

  #put(document: number, { snapshot, quarantined, burials }: Restoration, sequence: number): void {
    const { addPart, addEntry, addBurial, quarantine } = this.#statements;
    if (snapshot) {
      // Through its new sequence, so that nobody who has read up to the one before goes on from there: more may have come to it.
      const { version, chunks } = snapshot;
      for (const [index, data] of [version, ...chunks].entries()) {
        const part = versionPart + index;
        const sum = checksum(data, document, part, sequence, chunks.length);
        addPart.run(document, part, sequence, chunks.length, data, sum);
      }
    } else addEntry.run(sequence, document, 0, nothing, checksum(nothing, sequence, document, 0));
    for (const { incarnation, version } of burials)
      addBurial.run(document, incarnation, version, checksum(version, document, incarnation));
    if (quarantined.length === 0) return;
    const data = packUpdates(quarantined);
    quarantine.run(document, data, checksum(data, document));
  }
}

function prepare(database: Database.Database) {
  return {
    document: database.prepare<[number], DocumentRow>(`SELECT ${documentColumns} FROM document WHERE id = ?`),
    setDocument: database.prepare('UPDATE document SET sequence = ?, digest = ?, checksum = ? WHERE id = ?'),
    removeEntry: database.prepare('DELETE FROM log WHERE sequence = ?'),
    removeSnapshot: database.prepare('DELETE FROM snapshot WHERE document = ?'),
    removeBurial: database.prepare('DELETE FROM burial WHERE document = ? AND incarnation = ?'),
    setAside: database.prepare(
      'INSERT INTO damaged (document, origin, place, numbers, data) VALUES (?, ?, ?, ?, ?)',
    ),
    addPart: database.prepare(
      'INSERT INTO snapshot (document, part, through, parts, data, checksum) VALUES (?, ?, ?, ?, ?, ?)',
    ),
    addEntry: database.prepare(
      'INSERT INTO log (sequence, document, previous, data, checksum) VALUES (?, ?, ?, ?, ?)',
    ),
    addBurial: database.prepare(
      'INSERT OR IGNORE INTO burial (document, incarnation, version, checksum) VALUES (?, ?, ?, ?)',
    ),
    quarantine: database.prepare('INSERT INTO quarantine (document, data, checksum) VALUES (?, ?, ?)'),
  };
}
