// Everything that writes, over one open database: commits, compactions, marks. Runs in the writer thread.
import { randomBytes } from 'node:crypto';
import type Database from 'better-sqlite3';
import { CommitFailed, type Replacement } from '../port/journal.ts';
import { type Epoch, epochBytes, replicaBytes } from './lineage.ts';
import { checksum, documentChecksum, packUpdates } from './row.ts';
import { versionPart } from './schema.ts';

/** A batch of drafts, packed so that one buffer crosses to the writer thread. */
export interface Batch {
  readonly names: readonly string[];
  readonly engines: readonly string[];
  /** Three numbers a draft: document (0 for a new one), previous sequence, bytes of its packed updates. */
  readonly numbers: Float64Array;
  /** For each draft its digest, 16 bytes, then its packed updates. */
  readonly data: Uint8Array;
}

export interface BatchCommitted {
  /** The sequence of the batch's first draft; the others follow it. */
  readonly first: number;
  readonly documents: readonly number[];
}

export const digestBytes = 16;
export const numbersADraft = 3;

const digestKeyName = 'digest-key';
const replicaName = 'replica';

/** What a journal is, and which boots it has been through. */
export interface Identity {
  readonly digestKey: Uint8Array;
  readonly replica: Uint8Array;
  /** Oldest first; the last one has just begun. */
  readonly epochs: readonly Epoch[];
  readonly head: number;
}

export class Writer {
  readonly #database: Database.Database;
  readonly #statements;
  #head: number;

  constructor(database: Database.Database) {
    this.#database = database;
    this.#statements = prepare(database);
    this.#head = this.#statements.head.get() ?? 0;
  }

  /** Begins an epoch, and gives what the journal is. Called once. */
  begin(): Identity {
    const { epochs: all, addEpoch } = this.#statements;
    const epochs: Epoch[] = [];
    this.#transact(() => {
      for (const { number, id, start, checksum: sum } of all.iterate()) {
        if (checksum(id, number, start) !== sum)
          throw new Error(`epoch ${number} in the database is damaged`);
        epochs.push({ id, start });
      }
      const begun: Epoch = { id: randomBytes(epochBytes), start: this.#head };
      const number = epochs.push(begun);
      addEpoch.run(number, begun.id, begun.start, checksum(begun.id, number, begun.start));
    });
    const [digestKey, replica] = [this.#fixed(digestKeyName, 16), this.#fixed(replicaName, replicaBytes)];
    return { digestKey, replica, epochs, head: this.#head };
  }

  /** Bytes that are drawn when the file is new and stay. */
  #fixed(name: string, length: number): Uint8Array {
    const stored = this.#statements.meta.get(name);
    if (stored) {
      if (checksum(stored.value) !== stored.checksum) throw new Error(`${name} in the database is damaged`);
      return stored.value;
    }
    const drawn = randomBytes(length);
    this.#statements.addMeta.run(name, drawn, checksum(drawn));
    return drawn;
  }

  /** One transaction, one fsync. Throws what SQLite throws, or CommitFailed, with nothing of the batch committed. */
  commit(batch: Batch): BatchCommitted {
    const first = this.#head + 1;
    const documents: number[] = [];
    this.#transact(() => {
      let at = 0;
      let sequence = this.#head;
      batch.names.forEach((name, index) => {
        sequence++;
        const [document, previous, length] = [0, 1, 2].map(
          (which) => batch.numbers[index * numbersADraft + which]!,
        );
        const digest = view(batch.data, at, digestBytes);
        const data = view(batch.data, at + digestBytes, length!);
        at += digestBytes + length!;
        documents.push(
          this.#append(name, batch.engines[index]!, document!, previous!, sequence, digest, data),
        );
      });
    });
    this.#head += batch.names.length;
    return { first, documents };
  }

  replace({ document, through, version, chunks, quarantined, digest }: Replacement): void {
    const statements = this.#statements;
    this.#transact(() => {
      this.#removeEntries(document, through);
      statements.removeSnapshot.run(document);
      for (const [part, data] of [version, ...chunks].entries()) {
        statements.addPart.run(
          document,
          versionPart + part,
          through,
          chunks.length,
          data,
          checksum(data, document, part, through, chunks.length),
        );
      }
      if (quarantined.length > 0) {
        const data = packUpdates(quarantined);
        statements.quarantine.run(document, data, checksum(data, document));
      }
      if (digest) {
        const row = statements.documentById.get(document)!;
        const { name, engine, sequence } = row;
        const sum = documentChecksum(name, engine, digest, document, sequence);
        statements.moveDocument.run(sequence, digest, sum, document, name, sequence);
      }
    });
  }

  markCostly(document: number): void {
    this.#statements.markCostly.run(document);
  }

  #append(
    name: string,
    engine: string,
    document: number,
    previous: number,
    sequence: number,
    digest: Uint8Array,
    data: Uint8Array,
  ): number {
    const { addDocument, moveDocument, addEntry, nextDocument } = this.#statements;
    const id = document || nextDocument.get()!;
    const sum = documentChecksum(name, engine, digest, id, sequence);
    // A new document whose name is taken is refused by the table.
    const { changes } =
      document === 0 && previous === 0
        ? addDocument.run(id, name, engine, sequence, digest, sum)
        : moveDocument.run(sequence, digest, sum, document, name, previous);
    // The entry would name as its forerunner one that is not, and what lies between would never be read again.
    if (changes !== 1) throw new CommitFailed('the draft does not follow the document as it is');
    addEntry.run(sequence, id, previous, data, checksum(data, sequence, id, previous));
    return id;
  }

  /** Entries after `through` stay: they came while the compaction ran. */
  #removeEntries(document: number, through: number): void {
    const { documentById, previousOf, removeEntry } = this.#statements;
    let sequence = documentById.get(document)?.sequence ?? 0;
    while (sequence > 0) {
      const previous = previousOf.get(sequence);
      if (previous === undefined) return;
      if (sequence <= through) removeEntry.run(sequence);
      sequence = previous;
    }
  }

  // Not better-sqlite3's transaction(): a commit that fails must be rolled back by hand when SQLite has not.
  #transact(work: () => void): void {
    const { begin, commit, rollback } = this.#statements;
    // A rollback that failed itself would otherwise make every later commit fail.
    if (this.#database.inTransaction) rollback.run();
    begin.run();
    try {
      work();
      commit.run();
    } catch (error) {
      if (this.#database.inTransaction) rollback.run();
      throw error;
    }
  }
}

interface EpochRow {
  readonly number: number;
  readonly id: Buffer;
  readonly start: number;
  readonly checksum: number;
}

interface DocumentRow {
  readonly name: string;
  readonly engine: string;
  readonly sequence: number;
}

function prepare(database: Database.Database) {
  return {
    begin: database.prepare('BEGIN IMMEDIATE'),
    commit: database.prepare('COMMIT'),
    rollback: database.prepare('ROLLBACK'),
    head: database.prepare<[], number | null>('SELECT max(sequence) FROM document').pluck(),
    meta: database.prepare<[string], { value: Buffer; checksum: number }>(
      'SELECT value, checksum FROM meta WHERE key = ?',
    ),
    addMeta: database.prepare('INSERT INTO meta (key, value, checksum) VALUES (?, ?, ?)'),
    epochs: database.prepare<[], EpochRow>('SELECT number, id, start, checksum FROM epoch ORDER BY number'),
    addEpoch: database.prepare('INSERT INTO epoch (number, id, start, checksum) VALUES (?, ?, ?, ?)'),
    nextDocument: database.prepare<[], number>('SELECT coalesce(max(id), 0) + 1 FROM document').pluck(),
    addDocument: database.prepare(
      'INSERT INTO document (id, name, engine, sequence, digest, checksum) VALUES (?, ?, ?, ?, ?, ?)',
    ),
    moveDocument: database.prepare(
      'UPDATE document SET sequence = ?, digest = ?, checksum = ? WHERE id = ? AND name = ? AND sequence = ?',
    ),
    documentById: database.prepare<[number], DocumentRow>(
      'SELECT name, engine, sequence FROM document WHERE id = ?',
    ),
    addEntry: database.prepare(
      'INSERT INTO log (sequence, document, previous, data, checksum) VALUES (?, ?, ?, ?, ?)',
    ),
    previousOf: database.prepare<[number], number>('SELECT previous FROM log WHERE sequence = ?').pluck(),
    removeEntry: database.prepare('DELETE FROM log WHERE sequence = ?'),
    removeSnapshot: database.prepare('DELETE FROM snapshot WHERE document = ?'),
    addPart: database.prepare(
      'INSERT INTO snapshot (document, part, through, parts, data, checksum) VALUES (?, ?, ?, ?, ?, ?)',
    ),
    quarantine: database.prepare('INSERT INTO quarantine (document, data, checksum) VALUES (?, ?, ?)'),
    markCostly: database.prepare('INSERT OR IGNORE INTO costly (document) VALUES (?)'),
  };
}

/** better-sqlite3 takes Buffers; this one shares the batch's memory. */
function view(data: Uint8Array, at: number, length: number): Buffer {
  return Buffer.from(data.buffer, data.byteOffset + at, length);
}
