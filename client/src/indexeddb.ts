// A store in the browser's IndexedDB, which all tabs of an origin share.
import { schemaVersion, upgrade } from './indexeddb/schema.ts';
import { IndexedDbStore } from './indexeddb/store.ts';
import type { Timer } from './indexeddb/opening.ts';
import type { LocalStore } from './local/store.ts';
import { webTabs } from './web/tabs.ts';

export interface IndexedDbOptions {
  /** The database's name; another one for each user who may use this browser. */
  readonly name?: string | undefined;
  /**
   * What a complete transaction survives: `relaxed` the end of the tab and of the browser, `strict` also that of the machine, at the
   * price of slower writes.
   */
  readonly durability?: 'relaxed' | 'strict' | undefined;
  /** Whether all tabs that have this database open share one connection; true as a rule. */
  readonly sharesConnection?: boolean | undefined;
  /** There for tests and simulations. */
  readonly timer?: Timer | undefined;
}

/** Opens the database when it is first needed. */
export function indexedDb({
  name = 'syncline',
  durability = 'relaxed',
  sharesConnection = true,
  timer = clockTimer,
}: IndexedDbOptions = {}): LocalStore {
  const tabs = sharesConnection ? webTabs(name) : undefined;
  return new IndexedDbStore({ name, version: schemaVersion, upgrade, timer }, { durability, tabs });
}

const clockTimer: Timer = {
  after: (delayMs, action) => {
    const timer = setTimeout(action, delayMs);
    return () => clearTimeout(timer);
  },
};

export type { Timer } from './indexeddb/opening.ts';
// All that a store is asked, and says.
export * from './local/store.ts';
