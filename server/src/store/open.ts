// Opens the data folder for its one writer: locked first, then looked at without writing, then opened and migrated.
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  rmSync,
  statSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import Database from 'better-sqlite3';
import { leafOf } from '../digest/tree.ts';
import { applicationId, migrations } from './schema.ts';

/** The folder cannot be served from. The message is one sentence for the operator; nothing in the folder was changed. */
export class StoreRefused extends Error {
  override readonly name = 'StoreRefused';
}

/** `full` survives a power cut; `normal` survives the end of the process alone. */
export type Durability = 'full' | 'normal';

export interface OpenStore {
  readonly database: Database.Database;
  /** Held until the process ends, however it ends. */
  readonly lock: Database.Database;
}

/** Reading every page takes a second for some 500 MB; a larger file is checked row by row as it is read. */
const maxBytesCheckedAtStart = 256 * 1024 * 1024;

export function databasePath(folder: string): string {
  return join(folder, 'syncline.sqlite');
}

/** Throws StoreRefused. */
export function openStore(folder: string, durability: Durability): OpenStore {
  makeFolder(folder);
  const lock = acquireLock(folder);
  try {
    inspect(folder);
    const database = new Database(databasePath(folder));
    configure(database, durability);
    migrate(database);
    syncFolder(folder);
    return { database, lock };
  } catch (error) {
    lock.close();
    throw error instanceof StoreRefused ? error : refused(folder, error);
  }
}

/** One by one, and not with mkdir's own recursion, which never ends in a file system like /proc. */
function makeFolder(folder: string): void {
  const missing: string[] = [];
  for (let path = resolve(folder); !existsSync(path); path = dirname(path)) missing.push(path);
  try {
    for (const path of missing.toReversed()) {
      mkdirSync(path);
      // The name of a new folder is itself data of its parent, and would be gone after a power cut.
      syncFolder(dirname(path));
    }
    if (!statSync(folder).isDirectory()) throw new StoreRefused(`${folder} is a file, not a folder.`);
  } catch (error) {
    if (error instanceof StoreRefused) throw error;
    throw new StoreRefused(`The data folder ${folder} cannot be made: ${reason(error)}.`);
  }
}

function acquireLock(folder: string): Database.Database {
  let lock: Database.Database;
  try {
    lock = new Database(join(folder, 'lock.sqlite'), { timeout: 0 });
  } catch (error) {
    throw refused(folder, error);
  }
  try {
    lock.exec('BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    lock.close();
    if (codeOf(error).startsWith('SQLITE_BUSY')) {
      throw new StoreRefused(`The data folder ${folder} is in use by another Syncline process.`);
    }
    throw refused(folder, error);
  }
}

/** Reads schema and health through a connection that cannot write, so that a file that is refused stays as it is. */
function inspect(folder: string): void {
  const path = databasePath(folder);
  const size = sizeOf(path);
  const logSize = sizeOf(`${path}-wal`);
  // One byte is an empty database to SQLite, which deletes a log that it finds beside one.
  if (size === undefined || size <= 1) {
    if (logSize) {
      throw new StoreRefused(
        `${path}-wal has no database beside it; put the database back or move the log away.`,
      );
    }
    return;
  }
  // SQLite opens a file that it may not write all the same, and only a commit would find out.
  for (const file of logSize === undefined ? [path] : [path, `${path}-wal`]) accessSync(file, constants.W_OK);
  const database = new Database(path, { readonly: true });
  try {
    const version = database.pragma('user_version', { simple: true }) as number;
    const tables = database.prepare<[], number>('SELECT count(*) FROM sqlite_schema').pluck().get()!;
    if (tables > 0 && database.pragma('application_id', { simple: true }) !== applicationId) {
      throw new StoreRefused(`${path} is the database of another program.`);
    }
    if (version > migrations.length) {
      throw new StoreRefused(
        `${path} has schema ${version}, and this Syncline knows schemas up to ${migrations.length}; run the newer one.`,
      );
    }
    if (size <= maxBytesCheckedAtStart) {
      const health = database.pragma('quick_check(1)', { simple: true });
      if (health !== 'ok')
        throw new StoreRefused(`${path} is damaged: ${String(health).replaceAll('\n', ' ')}.`);
    }
  } catch (error) {
    database.close();
    // A reader makes these where there are none, and cannot take them away itself.
    if (logSize === undefined) for (const made of ['-wal', '-shm']) rmSync(path + made, { force: true });
    if (error instanceof StoreRefused) throw error;
    throw new StoreRefused(`${path} is damaged or not a database: ${reason(error)}.`);
  }
  database.close();
}

function sizeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.size;
}

function configure(database: Database.Database, durability: Durability): void {
  // Heard by a file that is empty alone, and before anything else is written: one that has tables stays as it was made.
  database.pragma('auto_vacuum = INCREMENTAL');
  database.pragma('journal_mode = WAL');
  database.pragma(`synchronous = ${durability === 'full' ? 'FULL' : 'NORMAL'}`);
  // fsync on macOS leaves the data in the drive's cache.
  database.pragma('fullfsync = ON');
  database.pragma('checkpoint_fullfsync = ON');
  database.pragma('cache_size = -16000');
  // After a burst the log file is cut back to this instead of keeping its largest size for good.
  database.pragma(`journal_size_limit = ${64 * 1024 * 1024}`);
}

function migrate(database: Database.Database): void {
  const version = database.pragma('user_version', { simple: true }) as number;
  database.function('leaf_of', { deterministic: true }, (name) => leafOf(String(name)));
  migrations.slice(version).forEach((migration, index) => {
    database.transaction(() => {
      database.exec(migration);
      database.pragma(`application_id = ${applicationId}`);
      database.pragma(`user_version = ${version + index + 1}`);
    })();
  });
}

function syncFolder(folder: string): void {
  // Windows cannot open a folder, and does not need it: its file system logs names.
  if (process.platform === 'win32') return;
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function refused(folder: string, error: unknown): StoreRefused {
  return new StoreRefused(`The data folder ${folder} cannot be written: ${reason(error)}.`);
}

function reason(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replaceAll('\n', ' ');
}

function codeOf(error: unknown): string {
  return error instanceof Database.SqliteError ? error.code : '';
}
