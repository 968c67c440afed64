// Everything that reads a document back, over a connection that cannot write. Runs in a reader thread. Every answer is
// one short read transaction: a long one would keep the write-ahead log from being checkpointed.
import { statSync } from 'node:fs';
import Database from 'better-sqlite3';
import type { EngineName } from '../port/engine.ts';
import {
  type ChunkPage,
  CorruptRow,
  type Entry,
  type Head,
  type JournalStatistics,
  type LogPage,
  type Salvage,
  type SnapshotHead,
} from '../port/journal.ts';
import { ListingReader } from './listing-reader.ts';
import { SalvageReader } from './salvage-reader.ts';
import { StoreRefused } from './open.ts';
import { checksum, documentColumns, type DocumentRow, intactFields, unpackUpdates } from './row.ts';
import { migrations, versionPart } from './schema.ts';

export class Reader {
  /** What is read of documents without their content. */
  readonly listings: ListingReader;
  readonly #database: Database.Database;
  readonly #statements;
  readonly #salvage: SalvageReader;

  /** Throws StoreRefused for a file of another schema. */
  constructor(path: string) {
    this.#database = new Database(path, { readonly: true, fileMustExist: true });
    const version = this.#database.pragma('user_version', { simple: true }) as number;
    if (version !== migrations.length) {
      this.#database.close();
      throw new StoreRefused(
        `${path} has schema ${version}, and this Syncline reads schema ${migrations.length}, which its server makes of an earlier one`,
      );
    }
    this.#database.pragma('cache_size = -8000');
    this.#statements = prepare(this.#database);
    this.listings = new ListingReader(this.#database);
    this.#salvage = new SalvageReader(this.#database);
  }

  head(name: string): Head | undefined {
    return this.#read(() => {
      const row = this.#statements.document.get(name);
      if (!row) return undefined;
      const { id, engine, sequence, digest, incarnation, isDeleted } = intactFields(row);
      const snapshot = this.#snapshotHead(id);
      return {
        document: id,
        engine: engine as EngineName,
        sequence,
        digest,
        isCostly: this.#statements.isCostly.get(id) !== undefined,
        incarnation,
        isDeleted,
        buried: this.#buried(id),
        snapshot,
        tail: this.#chain(id, sequence, snapshot?.through ?? 0).entries,
      };
    });
  }

  log(document: number, after: number, maxBytes: number): LogPage | 'compacted' {
    return this.#read(() => {
      const through = this.#statements.through.get(document, versionPart) ?? 0;
      if (after < through) return 'compacted';
      const sequence = this.#statements.sequenceOf.get(document) ?? 0;
      const entries: Entry[] = [];
      let bytes = 0;
      const chain = this.#chain(document, sequence, after);
      // It begins after what was read, which ended with an incarnation.
      if (chain.before < after && chain.before === 0) return 'compacted';
      for (const entry of chain.entries) {
        if (bytes >= maxBytes) return { entries, isLast: false };
        entries.push(entry);
        for (const { length } of entry.updates) bytes += length;
      }
      return { entries, isLast: true };
    });
  }

  chunks(document: number, through: number, from: number, maxBytes: number): ChunkPage | 'replaced' {
    return this.#read(() => {
      if (this.#statements.through.get(document, versionPart) !== through) return 'replaced';
      const chunks: Uint8Array[] = [];
      let bytes = 0;
      let next = versionPart + 1 + from;
      for (const row of this.#statements.parts.iterate(document, next)) {
        if (bytes >= maxBytes) return { chunks, isLast: false };
        const sum = checksum(row.data, document, row.part, through, row.parts);
        if (row.part !== next || sum !== row.checksum) {
          throw new CorruptRow(`part ${next} of the snapshot of document ${document} is damaged or missing`);
        }
        chunks.push(row.data);
        bytes += row.data.length;
        next++;
      }
      if (next <= this.#statements.partCount.get(document, versionPart)!) {
        throw new CorruptRow(`part ${next} of the snapshot of document ${document} is missing`);
      }
      return { chunks, isLast: true };
    });
  }

  /** Throws CorruptRow if the document's own row is damaged. */
  salvage(name: string): Salvage | undefined {
    return this.#read(() => this.#salvage.salvage(name));
  }

  statistics(): JournalStatistics {
    const path = this.#database.name;
    return { databaseBytes: sizeOf(path), logBytes: sizeOf(`${path}-wal`) };
  }

  close(): void {
    this.#database.close();
  }

  #snapshotHead(document: number): SnapshotHead | undefined {
    const row = this.#statements.version.get(document, versionPart);
    if (!row) return undefined;
    if (checksum(row.data, document, versionPart, row.through, row.parts) !== row.checksum) {
      throw new CorruptRow(`the version of the snapshot of document ${document} is damaged`);
    }
    const bytes = this.#statements.bytes.get(document, versionPart)!;
    return { through: row.through, version: row.data, chunkCount: row.parts, bytes };
  }

  #buried(document: number): Uint8Array[] {
    return this.#statements.burials.all(document).map(({ incarnation, version, checksum: sum }) => {
      if (checksum(version, document, incarnation) !== sum) {
        throw new CorruptRow(`burial ${incarnation} of document ${document} is damaged`);
      }
      return version;
    });
  }

  /** The entries of a document after `after`, oldest first: followed backwards from `from`, its newest. */
  #chain(document: number, from: number, after: number): Chain {
    const entries: Entry[] = [];
    let sequence = from;
    while (sequence > after) {
      const row = this.#statements.entry.get(sequence);
      if (!row) throw new CorruptRow(`entry ${sequence} of document ${document} is missing`);
      if (
        row.document !== document ||
        checksum(row.data, sequence, document, row.previous) !== row.checksum
      ) {
        throw new CorruptRow(`entry ${sequence} of document ${document} is damaged`);
      }
      entries.push({ sequence, updates: unpackUpdates(row.data) });
      sequence = row.previous;
    }
    return { entries: entries.toReversed(), before: sequence };
  }

  #read<Result>(work: () => Result): Result {
    this.#statements.begin.run();
    try {
      return work();
    } finally {
      this.#statements.commit.run();
    }
  }
}

interface BurialRow {
  readonly incarnation: number;
  readonly version: Buffer;
  readonly checksum: number;
}

interface Chain {
  readonly entries: Entry[];
  /** The sequence of the entry before them, 0 if there is none. */
  readonly before: number;
}

interface EntryRow {
  readonly document: number;
  readonly previous: number;
  readonly data: Buffer;
  readonly checksum: number;
}

interface PartRow {
  readonly part: number;
  readonly through: number;
  readonly parts: number;
  readonly data: Buffer;
  readonly checksum: number;
}

function prepare(database: Database.Database) {
  return {
    begin: database.prepare('BEGIN'),
    commit: database.prepare('COMMIT'),
    document: database.prepare<[string], DocumentRow>(
      `SELECT ${documentColumns} FROM document WHERE name = ?`,
    ),
    burials: database.prepare<[number], BurialRow>(
      'SELECT incarnation, version, checksum FROM burial WHERE document = ? ORDER BY incarnation',
    ),
    sequenceOf: database.prepare<[number], number>('SELECT sequence FROM document WHERE id = ?').pluck(),
    isCostly: database.prepare<[number], number>('SELECT 1 FROM costly WHERE document = ?').pluck(),
    through: database
      .prepare<[number, number], number>('SELECT through FROM snapshot WHERE document = ? AND part = ?')
      .pluck(),
    version: database.prepare<[number, number], PartRow>(
      'SELECT part, through, parts, data, checksum FROM snapshot WHERE document = ? AND part = ?',
    ),
    bytes: database
      .prepare<[number, number], number>(
        'SELECT coalesce(sum(length(data)), 0) FROM snapshot WHERE document = ? AND part > ?',
      )
      .pluck(),
    partCount: database
      .prepare<[number, number], number>('SELECT parts FROM snapshot WHERE document = ? AND part = ?')
      .pluck(),
    parts: database.prepare<[number, number], PartRow>(
      'SELECT part, through, parts, data, checksum FROM snapshot WHERE document = ? AND part >= ? ORDER BY part',
    ),
    entry: database.prepare<[number], EntryRow>(
      'SELECT document, previous, data, checksum FROM log WHERE sequence = ?',
    ),
  };
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
