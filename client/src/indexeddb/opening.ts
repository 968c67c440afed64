// One attempt to open the database, which may take its time: whoever waits is told after a while, and what opens later is used.
import { openDB } from 'idb';
import { LocalStoreError } from '../local/store.ts';
import { isAbort, toldOfOpening } from './errors.ts';
import type { Database, Schema } from './schema.ts';

export interface Timer {
  /** Calls `action` once, `delayMs` from now at the earliest; gives what cancels it. */
  after(delayMs: number, action: () => void): () => void;
}

export interface DatabaseSettings {
  readonly name: string;
  readonly version: number;
  readonly upgrade: (database: Database) => void;
  readonly timer: Timer;
}

/** An open that a browser answers at all takes a fraction of this, on slow disks too. */
const patienceMs = 10_000;
/** Tabs of this version let go at once; one that has not by then is of another. */
const heldPatienceMs = 3_000;

export class Opening {
  /** Rejects with a LocalStoreError. */
  readonly database: Promise<Database>;
  readonly #overdue: Promise<never>;
  #giveUp!: (error: LocalStoreError) => void;

  /** `lost` is called when the connection is of no use any more. */
  constructor(settings: DatabaseSettings, lost: () => void) {
    this.#overdue = new Promise((_, reject) => (this.#giveUp = reject));
    this.#overdue.catch(() => {});
    const timers = [this.#after(settings.timer, patienceMs, 'failed', 'The database does not open')];
    const blocked = (): void => {
      timers.push(this.#after(settings.timer, heldPatienceMs, 'held', 'Another tab holds an older database'));
    };
    this.database = open(settings, { blocked, lost });
    const settled = (): void => timers.forEach((cancel) => cancel());
    this.database.then(settled, settled);
  }

  /** Rejects as well when it takes too long; at once if it does already. */
  inTime(): Promise<Database> {
    return Promise.race([this.database, this.#overdue]);
  }

  #after(timer: Timer, delayMs: number, code: 'failed' | 'held', sentence: string): () => void {
    return timer.after(delayMs, () => this.#giveUp(new LocalStoreError(code, `${sentence}.`)));
  }
}

interface OpenEvents {
  readonly blocked: () => void;
  readonly lost: () => void;
}

async function open(settings: DatabaseSettings, events: OpenEvents): Promise<Database> {
  try {
    // The property itself throws where storage is blocked.
    if ((globalThis.indexedDB as IDBFactory | undefined) === undefined)
      throw new LocalStoreError('unavailable', 'There is no IndexedDB here.');
    return await openOnce(settings, events).catch((error: unknown) => {
      // Whoever closes all connections, to clear away what is there, closes those as well that are being made.
      if (!isAbort(error)) throw error;
      return openOnce(settings, events);
    });
  } catch (error) {
    throw toldOfOpening(error);
  }
}

function openOnce(
  { name, version, upgrade }: DatabaseSettings,
  { blocked, lost }: OpenEvents,
): Promise<Database> {
  return openDB<Schema>(name, version, {
    upgrade,
    blocked,
    blocking: (_current, _wanted, event) => {
      // A newer version, or a deletion, waits for every tab.
      (event.target as IDBDatabase).close();
      lost();
    },
    terminated: lost,
  });
}
