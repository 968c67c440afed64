// Everything that writes, over one open database: commits, compactions, marks. Runs in the writer thread.
import type Database from 'better-sqlite3';
import { leafOf } from '../digest/tree.ts';
import { aliasOf, hasAlias } from './alias.ts';
import { CommitFailed, type Replacement, type Restoration, type TreeSums } from '../port/journal.ts';
import { type Batch, draftsOf, type PackedDraft } from './batch.ts';
import { type Identity, IdentityTable } from './identity.ts';
import type { Epoch } from './lineage.ts';
import {
  checksum,
  documentChecksum,
  documentColumns,
  type DocumentFields,
  type DocumentRow,
  fieldsOf,
  memoryChecksum,
  packUpdates,
} from './row.ts';
import { Restorer } from './restorer.ts';
import { versionPart } from './schema.ts';
import { follows } from './succession.ts';
import { Transaction } from './transaction.ts';
import { TreeKeeper } from './tree-keeper.ts';

export interface BatchCommitted {
  /** The sequence of the batch's first draft; the others follow it. */
  readonly first: number;
  readonly documents: readonly number[];
}

/** New digests of documents, packed. */
export interface Digests {
  readonly documents: Float64Array;
  /** 16 bytes for each. */
  readonly digests: Uint8Array;
}

const digestBytes = 16;
const nothing = Buffer.alloc(0);

export class Writer {
  readonly #statements;
  readonly #transaction: Transaction;
  readonly #identity: IdentityTable;
  readonly #digestKey: Uint8Array;
  readonly #restorer: Restorer;
  readonly tree: TreeKeeper;
  #head: number;

  /** `digestKey` is taken for a file that has none yet. */
  constructor(database: Database.Database, digestKey?: Uint8Array) {
    this.#statements = prepare(database);
    this.#transaction = new Transaction(database);
    this.#identity = new IdentityTable(database);
    this.#digestKey = this.#identity.digestKey(digestKey);
    this.#restorer = new Restorer(database);
    this.tree = new TreeKeeper(database, this.#digestKey);
    this.#head = this.#statements.head.get() ?? 0;
  }

  /** Begins an epoch, and gives what the journal is. Called once. */
  begin(): Identity {
    const identity = this.#identity;
    const before = identity.epochs();
    const epochs = [...before, this.#transact(() => identity.beginEpoch(this.#head))];
    return { digestKey: this.#digestKey, replica: identity.replica(), epochs, head: this.#head };
  }

  /** Nothing is sure of the epoch that ends with it: the other one starts where that one did. */
  beginEpoch(): Epoch {
    const { start } = this.#identity.epochs().at(-1)!;
    return this.#transact(() => this.#identity.beginEpoch(start));
  }

  /** One transaction, one fsync. Throws what SQLite throws, or CommitFailed, with nothing of the batch committed. */
  commit(batch: Batch): BatchCommitted {
    const first = this.#head + 1;
    const documents = this.#transact(() => {
      let sequence = this.#head;
      const ids = Array.from(draftsOf(batch), (draft) => this.#append(draft, ++sequence));
      for (const { key, value } of batch.memories) {
        if (value.length > 0) this.#statements.remember.run(key, value, memoryChecksum(key, value));
        else this.#statements.forget.run(key);
      }
      return ids;
    });
    this.#head += documents.length;
    return { first, documents };
  }

  /** Gives the document's sequence if that has changed. */
  replace(replacement: Replacement): number | undefined {
    const { document, incarnation, through, version, chunks, quarantined, digest } = replacement;
    const statements = this.#statements;
    const sequence = digest && this.#head + 1;
    this.#transact(() => {
      const row = this.#fields(document);
      // A document that was deleted meanwhile must not come back by this, nor get into the one that began anew.
      if (!row || row.isDeleted || row.incarnation !== incarnation) {
        throw new CommitFailed('the incarnation that the snapshot is of has ended');
      }
      if ((statements.through.get(document, versionPart) ?? 0) > through)
        throw new CommitFailed('a newer snapshot is there');
      this.#removeEntries(row.sequence, through);
      statements.removeSnapshot.run(document);
      for (const [part, data] of [version, ...chunks].entries()) {
        const sum = checksum(data, document, part, through, chunks.length);
        statements.addPart.run(document, versionPart + part, through, chunks.length, data, sum);
      }
      if (quarantined.length > 0) {
        const data = packUpdates(quarantined);
        statements.quarantine.run(document, data, checksum(data, document));
      }
      if (digest && sequence) this.#redigest(row, digest, sequence);
    });
    this.#head = sequence ?? this.#head;
    return sequence;
  }

  /** Gives the document's new sequence. */
  restore(restoration: Restoration): number {
    const sequence = this.#head + 1;
    this.#transact(() => {
      const noted = this.tree.before(restoration.salvaged.document);
      this.tree.changed(noted, this.#restorer.restore(restoration, sequence));
    });
    return (this.#head = sequence);
  }

  markCostly(document: number): void {
    this.#statements.markCostly.run(document);
  }

  /** Undefined while the tree is being built; `tree.build` goes on with that. */
  sums(of: 'root' | 'branches' | number): TreeSums | undefined {
    this.tree.begin();
    const sums = this.tree.sums(of);
    return sums && { sums, head: this.#head };
  }

  /** Throws CommitFailed, with nothing changed, if a document that is not deleted has none. */
  rekey(key: Uint8Array, { documents, digests }: Digests): void {
    this.#transact(() => {
      let live = this.#statements.liveDocuments.get()!;
      documents.forEach((document, index) => {
        const row = this.#fields(document);
        if (!row) throw new CommitFailed(`there is no document ${document}`);
        const digest = digests.subarray(index * digestBytes, (index + 1) * digestBytes);
        this.#statements.setDigest.run(digest, documentChecksum({ ...row, digest }), document);
        if (!row.isDeleted) live--;
      });
      if (live !== 0) throw new CommitFailed('not every document has been given a digest under the new key');
      this.#identity.rekey(key);
    });
    this.tree.drop(key);
  }

  /** Gives the document. */
  #append(draft: PackedDraft, sequence: number): number {
    const { addEntry, addDocument, moveDocument, nextDocument } = this.#statements;
    const { name, engine, previous, incarnation, digest, updates, burial } = draft;
    const isFirst = draft.document === 0 && previous === 0 && incarnation === 1 && !burial;
    const id = draft.document || nextDocument.get()!;
    const before = this.tree.before(id);
    const after = { id, name, engine, sequence, digest, incarnation, isDeleted: burial !== undefined };
    const sum = documentChecksum(after);
    let changes = 0;
    // Nearly every draft is one of these two, and the table itself knows whether it follows; a new name that is taken throws.
    if (isFirst) {
      ({ changes } = addDocument.run(id, name, engine, sequence, digest, incarnation, 0, leafOf(name), sum));
      this.#name(draft);
    } else if (!burial) {
      ({ changes } = moveDocument.run(sequence, digest, sum, id, name, previous, incarnation));
    }
    // The entry would name as its forerunner one that is not, and what lies between would never be read again.
    if (changes !== 1) this.#turn(draft, after, sum);
    if (burial) this.#bury(id, draft);
    // What came before a burial is gone, and the log begins anew with it.
    const forerunner = burial ? 0 : previous;
    addEntry.run(sequence, id, forerunner, updates, checksum(updates, sequence, id, forerunner));
    this.tree.changed(before, after);
    return id;
  }

  /** Begins or ends an incarnation. */
  #turn(draft: PackedDraft, after: DocumentFields, sum: number): void {
    const { addDocument, turnDocument } = this.#statements;
    const { previous, incarnation, burial } = draft;
    const { id, name, engine, sequence, digest } = after;
    const row = this.#statements.documentByName.get(name);
    const document = draft.document || undefined;
    const standing = row && fieldsOf(row);
    if (!follows(standing, { document, previous, incarnation, isBurial: burial !== undefined })) {
      throw new CommitFailed('the draft does not follow the document as it is');
    }
    const isDeleted = burial ? 1 : 0;
    if (row) turnDocument.run(engine, sequence, digest, incarnation, isDeleted, sum, id);
    else addDocument.run(id, name, engine, sequence, digest, incarnation, isDeleted, leafOf(name), sum);
    this.#name(draft);
  }

  #name({ name, engine }: PackedDraft): void {
    if (hasAlias(engine)) this.#statements.addAlias.run(aliasOf(name), name);
  }

  #bury(document: number, { incarnation, previous, burial: version }: PackedDraft): void {
    const { bury, removeSnapshot, removeQuarantine, removeDamaged, removeCostly } = this.#statements;
    this.#removeEntries(previous, Infinity);
    for (const statement of [removeSnapshot, removeQuarantine, removeDamaged, removeCostly])
      statement.run(document);
    bury.run(document, incarnation, version, checksum(version!, document, incarnation));
  }

  /** Gives the document a new digest, and a sequence with it so that others hear of it. */
  #redigest(row: DocumentFields, digest: Uint8Array, sequence: number): void {
    const { id, name, sequence: previous, incarnation } = row;
    const before = this.tree.before(id);
    const after = { ...row, digest, sequence };
    const { moveDocument, addEntry } = this.#statements;
    moveDocument.run(sequence, digest, documentChecksum(after), id, name, previous, incarnation);
    addEntry.run(sequence, id, previous, nothing, checksum(nothing, sequence, id, previous));
    this.tree.changed(before, after);
  }

  #fields(document: number): DocumentFields | undefined {
    const row = this.#statements.documentById.get(document);
    return row && fieldsOf(row);
  }

  /** From a document's last entry back; those after `through` stay: they came while the compaction ran. */
  #removeEntries(last: number, through: number): void {
    const { previousOf, removeEntry } = this.#statements;
    let sequence = last;
    while (sequence > 0) {
      const previous = previousOf.get(sequence);
      if (previous === undefined) return;
      if (sequence <= through) removeEntry.run(sequence);
      sequence = previous;
    }
  }

  #transact<Result>(work: () => Result): Result {
    try {
      const result = this.#transaction.run(work);
      this.tree.committed();
      return result;
    } catch (error) {
      this.tree.rolledBack();
      throw error;
    }
  }
}

function prepare(database: Database.Database) {
  return {
    head: database.prepare<[], number | null>('SELECT max(sequence) FROM document').pluck(),
    nextDocument: database.prepare<[], number>('SELECT coalesce(max(id), 0) + 1 FROM document').pluck(),
    addDocument: database.prepare(
      `INSERT INTO document (id, name, engine, sequence, digest, incarnation, is_deleted, leaf, checksum)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
    addAlias: database.prepare('INSERT OR IGNORE INTO alias (alias, name) VALUES (?, ?)'),
    moveDocument: database.prepare(
      `UPDATE document SET sequence = ?, digest = ?, checksum = ?
       WHERE id = ? AND name = ? AND sequence = ? AND incarnation = ? AND is_deleted = 0`,
    ),
    turnDocument: database.prepare(
      `UPDATE document SET engine = ?, sequence = ?, digest = ?, incarnation = ?, is_deleted = ?, checksum = ?
       WHERE id = ?`,
    ),
    setDigest: database.prepare('UPDATE document SET digest = ?, checksum = ? WHERE id = ?'),
    liveDocuments: database.prepare<[], number>('SELECT count(*) FROM document WHERE is_deleted = 0').pluck(),
    documentById: database.prepare<[number], DocumentRow>(
      `SELECT ${documentColumns} FROM document WHERE id = ?`,
    ),
    documentByName: database.prepare<[string], DocumentRow>(
      `SELECT ${documentColumns} FROM document WHERE name = ?`,
    ),
    addEntry: database.prepare(
      'INSERT INTO log (sequence, document, previous, data, checksum) VALUES (?, ?, ?, ?, ?)',
    ),
    previousOf: database.prepare<[number], number>('SELECT previous FROM log WHERE sequence = ?').pluck(),
    removeEntry: database.prepare('DELETE FROM log WHERE sequence = ?'),
    through: database
      .prepare<[number, number], number>('SELECT through FROM snapshot WHERE document = ? AND part = ?')
      .pluck(),
    removeSnapshot: database.prepare('DELETE FROM snapshot WHERE document = ?'),
    addPart: database.prepare(
      'INSERT INTO snapshot (document, part, through, parts, data, checksum) VALUES (?, ?, ?, ?, ?, ?)',
    ),
    quarantine: database.prepare('INSERT INTO quarantine (document, data, checksum) VALUES (?, ?, ?)'),
    removeQuarantine: database.prepare('DELETE FROM quarantine WHERE document = ?'),
    removeDamaged: database.prepare('DELETE FROM damaged WHERE document = ?'),
    bury: database.prepare(
      'INSERT OR REPLACE INTO burial (document, incarnation, version, checksum) VALUES (?, ?, ?, ?)',
    ),
    markCostly: database.prepare(
      'INSERT OR IGNORE INTO costly SELECT id FROM document WHERE id = ? AND is_deleted = 0',
    ),
    removeCostly: database.prepare('DELETE FROM costly WHERE document = ?'),
    remember: database.prepare('INSERT OR REPLACE INTO memory (key, value, checksum) VALUES (?, ?, ?)'),
    forget: database.prepare('DELETE FROM memory WHERE key = ?'),
  };
}
