// What is intact of a document of which some rows are not: read past whatever is damaged. Knows no repair.
import type Database from 'better-sqlite3';
import type { EngineName } from '../port/engine.ts';
import { CorruptRow, type Salvage } from '../port/journal.ts';
import { ContentRows, isBurialIntact, isEntryIntact, isPartIntact, type LogRow } from './content-rows.ts';
import {
  documentColumns,
  type DocumentFields,
  type DocumentRow,
  intactFields,
  unpackUpdates,
} from './row.ts';
import { versionPart } from './schema.ts';

interface Found {
  readonly updates: readonly Uint8Array[];
  readonly damagedRows: number;
}

interface FoundEntries extends Found {
  readonly entries: readonly number[];
}

export class SalvageReader {
  readonly #rows: ContentRows;
  readonly #statements;

  constructor(database: Database.Database) {
    this.#rows = new ContentRows(database);
    this.#statements = prepare(database);
  }

  /** Within a transaction. Throws CorruptRow if the document's own row is damaged: nothing is known of it then. */
  salvage(name: string): Salvage | undefined {
    const row = this.#statements.document.get(name);
    if (!row) return undefined;
    const fields = intactFields(row);
    const { id, engine, sequence, incarnation, isDeleted, digest } = fields;
    const snapshot = this.#snapshot(id);
    const log = this.#log(fields, snapshot.through);
    const burials = this.#rows.burials(id);
    const intact = burials.filter(isBurialIntact);
    return {
      document: id,
      engine: engine as EngineName,
      sequence,
      incarnation,
      isDeleted,
      digest,
      through: this.#rows.through(id),
      isCostly: this.#statements.isCostly.get(id) !== undefined,
      updates: [...snapshot.updates, ...log.updates],
      entries: log.entries,
      burials: intact.map((burial) => ({ incarnation: burial.incarnation, version: burial.data })),
      damagedRows: snapshot.damagedRows + log.damagedRows + burials.length - intact.length,
    };
  }

  /** `through` of a part that is intact, 0 if there is none. */
  #snapshot(document: number): Found & { readonly through: number } {
    const rows = this.#rows.parts(document);
    const intact = rows.filter(isPartIntact);
    const [first] = intact;
    const count = first ? first.parts + 1 : rows.length;
    return {
      updates: intact.filter(({ part }) => part !== versionPart).map(({ data }) => data),
      damagedRows: count - intact.length,
      through: first?.through ?? 0,
    };
  }

  /** From the newest entry back; where the way is broken off, whatever else says that it is of this document. */
  #log({ id, sequence: head, incarnation, isDeleted }: DocumentFields, through: number): FoundEntries {
    const intact: LogRow[] = [];
    let sequence = head;
    while (sequence > through) {
      const row = this.#rows.entry(sequence);
      if (!row || !isEntryIntact(row, id)) break;
      intact.unshift(row);
      sequence = row.previous;
    }
    if (sequence <= through) return found(intact, intact, 0);
    const broken = this.#rows.entry(sequence);
    const others = this.#rows.entriesBetween(id, through, sequence);
    const mayBeOfEarlierLife = incarnation > 1 || isDeleted;
    const usable = others.filter((row) => isEntryIntact(row, id));
    const ofThisLife = mayBeOfEarlierLife && through === 0 ? afterBeginning(usable) : usable;
    const damaged = others.length - usable.length + 1;
    return found([...ofThisLife, ...intact], [...others, ...(broken ? [broken] : []), ...intact], damaged);
  }
}

/**
 * Entries from the one on that tells of the last deletion, with which the log began anew: what a deleted incarnation left behind does not
 * come back by this. None where that one cannot be found.
 */
function afterBeginning(rows: readonly LogRow[]): readonly LogRow[] {
  const beginning = rows.findLastIndex(({ previous, data }) => previous === 0 && data.length === 0);
  return beginning < 0 ? [] : rows.slice(beginning);
}

function found(usable: readonly LogRow[], all: readonly LogRow[], damagedRows: number): FoundEntries {
  let unreadable = 0;
  const updates = usable.flatMap(({ data }) => {
    try {
      return unpackUpdates(data);
    } catch (error) {
      if (!(error instanceof CorruptRow)) throw error;
      unreadable++;
      return [];
    }
  });
  return { updates, entries: all.map(({ sequence }) => sequence), damagedRows: damagedRows + unreadable };
}

function prepare(database: Database.Database) {
  return {
    document: database.prepare<[string], DocumentRow>(
      `SELECT ${documentColumns} FROM document WHERE name = ?`,
    ),
    isCostly: database.prepare<[number], number>('SELECT 1 FROM costly WHERE document = ?').pluck(),
  };
}
