// What a folder takes up: the blocks of its files, since a file of a hundred bytes takes a block as well. And what of a database
// is in use: the rest of its pages it writes to before it grows.
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { databaseFile } from '../../support/stored-updates.ts';

const blockBytes = 512;

export function diskKb(folder: string): number {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  const blocks = files.reduce(
    (sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).blocks,
    0,
  );
  return (blocks * blockBytes) / 1_024;
}

/** Of a server that has ended; all of it, where there is no database. */
export function diskKbInUse(folder: string): number {
  const file = databaseFile(folder);
  if (!existsSync(file)) return diskKb(folder);
  const database = new Database(file, { readonly: true });
  try {
    const read = (pragma: string): number => database.pragma(pragma, { simple: true }) as number;
    return ((read('page_count') - read('freelist_count')) * read('page_size')) / 1_024;
  } finally {
    database.close();
  }
}
