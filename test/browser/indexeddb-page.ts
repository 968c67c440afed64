// A page that has a store in IndexedDB: the cases of the contract, and what the tests of faults ask of one store.
import { indexedDb } from '@syncline/client/indexeddb';
import type { DatabaseSettings, Timer } from '@syncline/client/indexeddb/opening.ts';
import { schemaVersion, upgrade } from '@syncline/client/indexeddb/schema.ts';
import { IndexedDbStore } from '@syncline/client/indexeddb/store.ts';
import type { LocalStore, LocalWritten } from '@syncline/client/local/store.ts';
import { localStoreCases } from '../contract/local-store.ts';
import { write } from '../contract/local-store-case.ts';
import { codeOf } from '../contract/local-store-same.ts';

/** Time that passes when it is told to. */
class PageTimer implements Timer {
  #waiting: { delayMs: number; action: () => void }[] = [];

  after(delayMs: number, action: () => void): () => void {
    const waiting = { delayMs, action };
    this.#waiting.push(waiting);
    return () => (this.#waiting = this.#waiting.filter((each) => each !== waiting));
  }

  /** Lets everything happen that is that far away; gives how far it was. */
  pass(delayMs: number): number[] {
    const due = this.#waiting.filter((each) => each.delayMs <= delayMs);
    this.#waiting = this.#waiting.filter((each) => each.delayMs > delayMs);
    for (const { action } of due) action();
    return due.map((each) => each.delayMs);
  }

  get waiting(): number {
    return this.#waiting.length;
  }
}

const name = 'syncline';
const timer = new PageTimer();
const complaints: string[] = [];
addEventListener('unhandledrejection', ({ reason }) => complaints.push(`unhandled: ${String(reason)}`));
addEventListener('error', ({ message }) => complaints.push(message));

let store: LocalStore = indexedDb({ timer });
let raw: IDBDatabase | undefined;
let blocked = 0;

const stores = {
  complaints,
  waiting: (): number => timer.waiting,
  pass: (delayMs: number): number[] => timer.pass(delayMs),

  /** What went wrong with a case; undefined if nothing. */
  async run(index: number): Promise<string | undefined> {
    const place = `case ${index}`;
    try {
      await localStoreCases[index]!.run({ open: () => indexedDb({ name: place }) });
      return undefined;
    } catch (error) {
      return error instanceof Error ? `${error.message}\n${error.stack}` : String(error);
    } finally {
      indexedDB.deleteDatabase(place);
    }
  },

  /** With which code it failed, or what was answered. */
  async append(
    life: string | undefined,
    values: readonly number[],
    fill = 0,
  ): Promise<LocalWritten | string> {
    const updates = values.map((value) => new Uint8Array(fill + 1).fill(value));
    let answers: readonly LocalWritten[] = [];
    const code = await codeOf(store.write([write({ life, updates })]).then((given) => (answers = given)));
    return answers[0] ?? code;
  },
  async firsts(): Promise<number[] | string | undefined> {
    let firsts: number[] | undefined;
    const code = await codeOf(
      store.read('a').then((kept) => (firsts = kept?.updates.map((update) => update[0]!))),
    );
    return code === 'done' ? firsts : code;
  },
  /** Several at once, of which each is answered. */
  burst: (life: string, count: number): Promise<string[]> =>
    Promise.all(
      Array.from({ length: count }, (_, index) =>
        codeOf(store.write([write({ life, updates: [new Uint8Array(200_000).fill(index)] })])),
      ),
    ),
  persist: (): Promise<boolean> => store.persist(),
  close: (): Promise<void> => store.close(),
  /** Another one takes its place, as after a reload. */
  reopen: (): void => void (store = indexedDb({ timer })),
  /** One of a later version of the SDK. */
  reopenNewer: (): void => {
    const settings: DatabaseSettings = { name, version: schemaVersion + 1, upgrade: () => {}, timer };
    store = new IndexedDbStore(settings, { durability: 'relaxed' });
  },
  /** As a browser without IndexedDB, or one that answers nothing of it. */
  pretend(factory: 'none' | 'throws'): void {
    Object.defineProperty(globalThis, 'indexedDB', {
      configurable: true,
      get: () => {
        if (factory === 'throws') throw new DOMException('The operation is insecure.', 'SecurityError');
        return undefined;
      },
    });
  },

  /** A connection that lets go of nothing by itself, of a database that may be someone else's. */
  hold: (objectStores: readonly string[] = []): Promise<void> =>
    new Promise((resolve, reject) => {
      const request = indexedDB.open(name, schemaVersion);
      request.addEventListener('upgradeneeded', () => {
        if (objectStores.length === 0) upgrade(request.result as never);
        for (const each of objectStores) request.result.createObjectStore(each);
      });
      request.addEventListener('success', () => {
        raw = request.result;
        resolve();
      });
      request.addEventListener('error', () => reject(request.error!));
    }),
  letGo: (): void => raw?.close(),
  /** Resolves when it is gone; `blocked` counts those that are kept from it. */
  delete: (): Promise<void> =>
    new Promise((resolve, reject) => {
      const request = indexedDB.deleteDatabase(name);
      request.addEventListener('blocked', () => (blocked += 1));
      request.addEventListener('success', () => resolve());
      request.addEventListener('error', () => reject(request.error!));
    }),
  blocked: (): number => blocked,
};

export type Stores = typeof stores;

declare global {
  interface Window {
    stores: Stores;
  }
}

window.stores = stores;
