// Documents in IndexedDB, for all tabs of an origin. What lies where is known to reading and writing; this knows when.
import type {
  KeptDocument,
  KeptSummary,
  LocalStore,
  LocalWrite,
  LocalWritten,
  ReadAfter,
} from '../local/store.ts';
import type { Tabs } from '../local/tabs.ts';
import { Connection } from './connection.ts';
import type { DatabaseSettings } from './opening.ts';
import { listDocuments, readDocument } from './reading.ts';
import type { Transaction } from './schema.ts';
import { transact } from './transact.ts';
import { forgetDocument, writeDocument } from './writing.ts';

interface StoreSettings {
  readonly durability: 'relaxed' | 'strict';
  readonly tabs?: Tabs | undefined;
}

export class IndexedDbStore implements LocalStore {
  readonly tabs: Tabs | undefined;
  readonly #durability: 'relaxed' | 'strict';
  readonly #connection: Connection;

  constructor(database: DatabaseSettings, { durability, tabs }: StoreSettings) {
    this.tabs = tabs;
    this.#durability = durability;
    this.#connection = new Connection(database);
  }

  read(document: string, after?: ReadAfter): Promise<KeptDocument | undefined> {
    return this.#transact('readonly', (transaction) => readDocument(transaction, document, after));
  }

  write(writes: readonly LocalWrite[]): Promise<readonly LocalWritten[]> {
    return this.#transact('readwrite', async (transaction) => {
      const written: LocalWritten[] = [];
      for (const write of writes) written.push(await writeDocument(transaction, write));
      return written;
    });
  }

  list(): Promise<readonly KeptSummary[]> {
    return this.#transact('readonly', listDocuments);
  }

  forget(document: string): Promise<void> {
    return this.#transact('readwrite', (transaction) => forgetDocument(transaction, document));
  }

  async persist(): Promise<boolean> {
    try {
      // Neither is there in a page without HTTPS.
      const { storage } = navigator as Partial<Navigator>;
      return ((await storage?.persisted()) || (await storage?.persist())) ?? false;
    } catch {
      return false;
    }
  }

  async close(): Promise<void> {
    this.#connection.close();
  }

  #transact<Mode extends 'readonly' | 'readwrite', Result>(
    mode: Mode,
    work: (transaction: Transaction<Mode>) => Promise<Result>,
  ): Promise<Result> {
    const settings = { mode, durability: this.#durability };
    return this.#connection.use((database) => transact(database, settings, work));
  }
}
