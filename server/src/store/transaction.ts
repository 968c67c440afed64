// One write transaction. Not better-sqlite3's own: a commit that fails must be rolled back by hand when SQLite has not.
import type Database from 'better-sqlite3';

export class Transaction {
  readonly #database: Database.Database;
  readonly #begin;
  readonly #commit;
  readonly #rollback;

  constructor(database: Database.Database) {
    this.#database = database;
    this.#begin = database.prepare('BEGIN IMMEDIATE');
    this.#commit = database.prepare('COMMIT');
    this.#rollback = database.prepare('ROLLBACK');
  }

  /** Throws what `work` or SQLite throws, with nothing committed. */
  run<Result>(work: () => Result): Result {
    // A rollback that failed itself would otherwise make every later commit fail.
    if (this.#database.inTransaction) this.#rollback.run();
    this.#begin.run();
    try {
      const result = work();
      this.#commit.run();
      return result;
    } catch (error) {
      if (this.#database.inTransaction) this.#rollback.run();
      throw error;
    }
  }
}
