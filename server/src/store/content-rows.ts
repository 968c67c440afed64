// The rows in which a document's content lies, as they are on the disk, and whether each is intact: for salvage and repair.
import type Database from 'better-sqlite3';
import { checksum } from './row.ts';

export interface LogRow {
  readonly sequence: number;
  readonly document: number;
  readonly previous: number;
  readonly data: Buffer;
  readonly checksum: number;
}

export interface PartRow {
  readonly document: number;
  readonly part: number;
  readonly through: number;
  readonly parts: number;
  readonly data: Buffer;
  readonly checksum: number;
}

export interface BurialRow {
  readonly document: number;
  readonly incarnation: number;
  readonly data: Buffer;
  readonly checksum: number;
}

/** Whether an entry is one of this document, and as it was written. */
export function isEntryIntact(
  { sequence, previous, data, checksum: sum, document }: LogRow,
  of: number,
): boolean {
  return document === of && checksum(data, sequence, document, previous) === sum;
}

export function isPartIntact({ document, part, through, parts, data, checksum: sum }: PartRow): boolean {
  return checksum(data, document, part, through, parts) === sum;
}

export function isBurialIntact({ document, incarnation, data, checksum: sum }: BurialRow): boolean {
  return checksum(data, document, incarnation) === sum;
}

export class ContentRows {
  readonly #statements;

  constructor(database: Database.Database) {
    this.#statements = prepare(database);
  }

  entry(sequence: number): LogRow | undefined {
    return this.#statements.entry.get(sequence);
  }

  /** What in the log says that it is of a document, between two sequences and without them. Reads that much of the log through. */
  entriesBetween(document: number, after: number, before: number): LogRow[] {
    return this.#statements.entriesBetween.all(after, before, document);
  }

  parts(document: number): PartRow[] {
    return this.#statements.parts.all(document);
  }

  /** 0 without a snapshot. */
  through(document: number): number {
    return this.#statements.through.get(document)!;
  }

  burials(document: number): BurialRow[] {
    return this.#statements.burials.all(document);
  }
}

function prepare(database: Database.Database) {
  return {
    entry: database.prepare<[number], LogRow>(
      'SELECT sequence, document, previous, data, checksum FROM log WHERE sequence = ?',
    ),
    entriesBetween: database.prepare<[number, number, number], LogRow>(
      `SELECT sequence, document, previous, data, checksum FROM log
       WHERE sequence > ? AND sequence < ? AND document = ? ORDER BY sequence`,
    ),
    parts: database.prepare<[number], PartRow>(
      'SELECT document, part, through, parts, data, checksum FROM snapshot WHERE document = ? ORDER BY part',
    ),
    through: database
      .prepare<[number], number>('SELECT coalesce(max(through), 0) FROM snapshot WHERE document = ?')
      .pluck(),
    burials: database.prepare<[number], BurialRow>(
      `SELECT document, incarnation, version AS data, checksum FROM burial
       WHERE document = ? ORDER BY incarnation`,
    ),
  };
}
