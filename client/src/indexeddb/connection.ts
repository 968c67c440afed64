// The connection to the database, opened when it is needed, and again when it was closed from outside: by the browser, by a user who
// clears the site's data, by another tab that needs it out of the way.
import { LocalStoreError } from '../local/store.ts';
import { isClosed, isLost, told } from './errors.ts';
import { type DatabaseSettings, Opening } from './opening.ts';
import type { Database } from './schema.ts';

export class Connection {
  readonly #settings: DatabaseSettings;
  #opening: Opening | undefined;
  #isClosed = false;

  constructor(settings: DatabaseSettings) {
    this.#settings = settings;
  }

  /**
   * What was asked when the connection was lost is asked once more. It may have been done already, with nobody left to hear of it: then
   * it is done twice.
   */
  async use<Result>(action: (database: Database) => Promise<Result>): Promise<Result> {
    try {
      return await this.#attempt(action).catch((error: unknown) => {
        if (!isLost(error)) throw error;
        return this.#attempt(action);
      });
    } catch (error) {
      if (!isClosed(error)) throw told(error, 'The database failed');
      throw new LocalStoreError('closed', 'The database was closed again and again.', { cause: error });
    }
  }

  /** What has begun is completed. */
  close(): void {
    this.#isClosed = true;
    const opening = this.#opening;
    this.#opening = undefined;
    // Also one that opens later.
    opening?.database.then(
      (database) => database.close(),
      () => {},
    );
  }

  async #attempt<Result>(action: (database: Database) => Promise<Result>): Promise<Result> {
    if (this.#isClosed) throw new LocalStoreError('closed', 'The store was closed.');
    const opening = (this.#opening ??= this.#open());
    const database = await opening.inTime();
    try {
      return await action(database);
    } catch (error) {
      if (isLost(error)) {
        this.#forget(opening);
        database.close();
      }
      throw error;
    }
  }

  #open(): Opening {
    const opening: Opening = new Opening(this.#settings, () => this.#forget(opening));
    opening.database.catch(() => this.#forget(opening));
    return opening;
  }

  #forget(opening: Opening): void {
    if (this.#opening === opening) this.#opening = undefined;
  }
}
