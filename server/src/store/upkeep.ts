// What is done to the files while nobody writes: the pages that compactions have freed go back to the file system, and the
// write-ahead log is emptied. None of it is urgent: what fails is tried again at the next rest, and nobody is told.
import { statSync } from 'node:fs';
import { clearImmediate, clearTimeout, setImmediate, setTimeout } from 'node:timers';
import type Database from 'better-sqlite3';

/** So long nothing is written before it begins: whoever types does not meet it. */
const quietMs = 3_000;
/** A log up to here stays as it is: writing into a file costs less than making it longer, and somebody may go on typing. */
export const maxRestingLogBytes = 256 * 1024;
/** So many free pages are kept for what is written next. */
const maxFreePages = 64;
/** As many as are given back at once: 1 MB, some 10 ms for which a commit may have to wait. */
const pagesATime = 256;
/** As `auto_vacuum` numbers it. */
const isIncremental = 2;

export class Upkeep {
  readonly #database: Database.Database;
  readonly #canShrink: boolean;
  readonly #quiet: NodeJS.Timeout;
  #next: NodeJS.Immediate | undefined;

  /** `afterMs` is what counts as rest. */
  constructor(database: Database.Database, afterMs = quietMs) {
    this.#database = database;
    this.#canShrink = this.#read('auto_vacuum') === isIncremental;
    this.#quiet = setTimeout(() => this.#goOn(), afterMs);
  }

  /** Something was written: what is left to do waits for the next rest. */
  disturbed(): void {
    clearImmediate(this.#next);
    this.#quiet.refresh();
  }

  stop(): void {
    clearImmediate(this.#next);
    clearTimeout(this.#quiet);
  }

  /** Piece by piece, each behind the requests that came during the one before. */
  #goOn(): void {
    if (this.#shrink()) this.#next = setImmediate(() => this.#goOn());
    // A reader may have been at it just then, or a backup that takes longer.
    else if (!this.#emptyLog()) this.#quiet.refresh();
  }

  /** Whether it has come nearer to having given back what is to be given back. */
  #shrink(): boolean {
    if (!this.#canShrink) return false;
    try {
      const pages = Math.min(this.#read('freelist_count') - maxFreePages, pagesATime);
      if (pages > 0) this.#database.pragma(`incremental_vacuum(${pages})`);
      return pages > 0;
    } catch {
      return false;
    }
  }

  /** Whether that is done, or no use to try. */
  #emptyLog(): boolean {
    if (sizeOf(`${this.#database.name}-wal`) <= maxRestingLogBytes) return true;
    const patienceMs = this.#read('busy_timeout');
    try {
      // Whoever wants to commit would wait for the reader as well.
      this.#database.pragma('busy_timeout = 0');
      const [{ busy }] = this.#database.pragma('wal_checkpoint(TRUNCATE)') as [{ busy: number }];
      return busy === 0;
    } catch {
      // It stays whole until all of it is in the database.
      return true;
    } finally {
      this.#database.pragma(`busy_timeout = ${patienceMs}`);
    }
  }

  #read(pragma: string): number {
    return this.#database.pragma(pragma, { simple: true }) as number;
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
