// Another connection to a live database, as another program might have it open: it holds commits up, or has them fail.
import Database from 'better-sqlite3';
import { databaseFile } from './stored-updates.ts';

export class OtherWriter implements Disposable {
  readonly #database: Database.Database;

  constructor(data: string) {
    this.#database = new Database(databaseFile(data), { fileMustExist: true });
  }

  /** Commits of the server wait for `letGo`, up to the 5 s after which SQLite has them fail. */
  hold(): void {
    this.#database.exec('BEGIN IMMEDIATE');
  }

  letGo(): void {
    this.#database.exec('COMMIT');
  }

  /** Commits of the server fail until `allow`. */
  refuse(): void {
    this.#database.exec(
      `CREATE TRIGGER refusal BEFORE INSERT ON log BEGIN SELECT RAISE(ABORT, 'injected'); END`,
    );
  }

  allow(): void {
    this.#database.exec('DROP TRIGGER refusal');
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }
}
