// Damage as a disk does it: one row of a document is another one than was written, and nobody is told.
import { type DamagedRow } from '@syncline/server/store/stored-document.ts';
import Database from 'better-sqlite3';
import { databaseFile } from './stored-updates.ts';

const tables = {
  log: { data: 'data', where: 'document = ? AND sequence = ?' },
  snapshot: { data: 'data', where: 'document = ? AND part = ?' },
  burial: { data: 'version', where: 'document = ? AND incarnation = ?' },
} as const;

/** Changes one bit of a row, or puts a byte where there was none. Gives its bytes as they are then. */
export function damageRow(data: string, document: string, { of, place }: DamagedRow): Buffer {
  const database = new Database(databaseFile(data), { fileMustExist: true });
  try {
    const id = idOf(database, document);
    const { data: column, where } = tables[of];
    const select = database.prepare<[number, number], Buffer>(`SELECT ${column} FROM ${of} WHERE ${where}`);
    const before = select.pluck().get(id, place)!;
    const after = before.length > 0 ? Buffer.from(before) : Buffer.alloc(1);
    after[after.length >> 1]! ^= 0x10;
    database.prepare(`UPDATE ${of} SET ${column} = ? WHERE ${where}`).run(after, id, place);
    return after;
  } finally {
    database.close();
  }
}

/** Every row that is there of a document, table by table, but for its own. */
export function rowsOf(data: string, document: string): Record<string, unknown[]> {
  const database = new Database(databaseFile(data), { readonly: true });
  try {
    const id = idOf(database, document);
    const all = (table: string): unknown[] =>
      database.prepare(`SELECT * FROM ${table} WHERE document = ? ORDER BY 1, 2`).all(id);
    return Object.fromEntries(['log', 'snapshot', 'burial', 'damaged'].map((table) => [table, all(table)]));
  } finally {
    database.close();
  }
}

/** Changes a database behind its server's back. */
export function execute(data: string, sql: string): void {
  const database = new Database(databaseFile(data), { fileMustExist: true });
  database.exec(sql);
  database.close();
}

function idOf(database: Database.Database, document: string): number {
  return database.prepare<[string], number>('SELECT id FROM document WHERE name = ?').pluck().get(document)!;
}
