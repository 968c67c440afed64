// What is read of documents without their content: in the order of their changes, by name, or by leaf of the digest tree. One whose
// row is damaged is left out, and told beside: it must not keep all others from being read.
import type Database from 'better-sqlite3';
import type { DocumentName } from '@syncline/shared';
import { leafOf } from '../digest/tree.ts';
import type { EngineName } from '../port/engine.ts';
import { CorruptRow, type FeedPage, type LeafPage, type Listing } from '../port/journal.ts';
import { aliasOf } from './alias.ts';
import type { Memory } from './batch.ts';
import { damagedRow, documentColumns, type DocumentRow, fieldsOf, isIntact, memoryChecksum } from './row.ts';

export class ListingReader {
  readonly #statements;
  readonly #inOne: Database.Transaction<(after: number, maxListings: number) => FeedPage>;
  readonly #damaged: string[] = [];

  constructor(database: Database.Database) {
    const statements = (this.#statements = prepare(database));
    this.#inOne = database.transaction((after, maxListings) => ({
      listings: this.#intact(statements.after.iterate(after), maxListings),
      head: statements.head.get() ?? 0,
    }));
  }

  feed(after: number, maxListings: number): FeedPage {
    // A head that is newer than the page would be taken for one that the page reaches.
    return this.#inOne.deferred(after, maxListings);
  }

  countAfter(sequence: number): number {
    return this.#statements.countAfter.get(sequence)!;
  }

  find(names: readonly string[]): (Listing | undefined)[] {
    return names.map((name) => {
      const row = this.#statements.byName.get(name);
      return row && this.#intact([row], 1)[0];
    });
  }

  named(alias: Uint8Array): string | undefined {
    const name = this.#statements.byAlias.get(alias);
    return name !== undefined && Buffer.from(alias).equals(aliasOf(name)) ? name : undefined;
  }

  leaf(leaf: number, after: string, maxListings: number): LeafPage {
    // One more tells whether there are more.
    const rows = this.#statements.ofLeaf.iterate(leaf, after);
    const listings = this.#intact(rows, maxListings + 1, (name) => leafOf(name) === leaf);
    return { listings: listings.slice(0, maxListings), isLast: listings.length <= maxListings };
  }

  memories(): Memory[] {
    return this.#statements.memories.all().map(({ key, value, checksum: sum }) => {
      if (memoryChecksum(key, value) !== sum)
        throw new CorruptRow(`the memory ${key.toString('hex')} is damaged`);
      return { key, value };
    });
  }

  /** The documents that were left out since the last call, in words. */
  takeDamaged(): readonly string[] {
    return this.#damaged.splice(0);
  }

  /** The first so many of the rows that are as they were written. A page that ends early would be taken for the last one. */
  #intact(
    rows: Iterable<DocumentRow>,
    count: number,
    isInPlace: (name: string) => boolean = () => true,
  ): Listing[] {
    const listings: Listing[] = [];
    for (const row of rows) {
      if (isIntact(row) && isInPlace(row.name)) listings.push(listingOf(row));
      else this.#damaged.push(damagedRow(row));
      if (listings.length === count) break;
    }
    return listings;
  }
}

function listingOf(row: DocumentRow): Listing {
  const { name, engine, sequence, digest, incarnation, isDeleted } = fieldsOf(row);
  return {
    name: name as DocumentName,
    engine: engine as EngineName,
    sequence,
    digest,
    incarnation,
    isDeleted,
  };
}

interface MemoryRow {
  readonly key: Buffer;
  readonly value: Buffer;
  readonly checksum: number;
}

function prepare(database: Database.Database) {
  return {
    head: database.prepare<[], number | null>('SELECT max(sequence) FROM document').pluck(),
    after: database.prepare<[number], DocumentRow>(
      `SELECT ${documentColumns} FROM document WHERE sequence > ? ORDER BY sequence`,
    ),
    countAfter: database
      .prepare<[number], number>('SELECT count(*) FROM document WHERE sequence > ?')
      .pluck(),
    byName: database.prepare<[string], DocumentRow>(`SELECT ${documentColumns} FROM document WHERE name = ?`),
    ofLeaf: database.prepare<[number, string], DocumentRow>(
      `SELECT ${documentColumns} FROM document WHERE leaf = ? AND name > ? ORDER BY name`,
    ),
    byAlias: database.prepare<[Uint8Array], string>('SELECT name FROM alias WHERE alias = ?').pluck(),
    memories: database.prepare<[], MemoryRow>('SELECT key, value, checksum FROM memory'),
  };
}
