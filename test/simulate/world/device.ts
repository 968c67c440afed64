// The storage of one device on virtual time: transactions take a while and are all or nothing; it can be full, be closed, be cleared
// away, and a page that ends takes along what it had not committed.
import {
  type KeptDocument,
  type KeptSummary,
  type LocalStore,
  LocalStoreError,
  type LocalStoreErrorCode,
  type LocalWrite,
  type LocalWritten,
  type Mark,
  type ReadAfter,
  type Unsaved,
} from '@syncline/client/local/store.ts';
import type { SeededRandom } from '../../support/random.ts';
import type { Said } from '../oracle/clocks.ts';
import type { Life } from './schedule.ts';

interface Stored {
  readonly engine: KeptDocument['engine'];
  readonly life: string;
  snapshot: { readonly bytes: readonly Uint8Array[]; readonly through: number } | undefined;
  entries: { readonly number: number; readonly update: Uint8Array }[];
  through: number;
  mark: Mark | undefined;
  unsaved: Map<string, Unsaved>;
}

const maxDelayMs = 40;

export class Device {
  /** Why every transaction fails at the moment. */
  trouble: LocalStoreErrorCode | undefined;
  /** How often it has been cleared. */
  clears = 0;
  readonly #random: SeededRandom;
  #documents = new Map<string, Stored>();
  readonly #promised = new Map<string, Said[]>();
  #lives = 0;

  constructor(random: SeededRandom) {
    this.#random = random;
  }

  /** Everything is gone, as when a browser needs the space. */
  clear(): void {
    this.#documents = new Map();
    this.clears++;
  }

  /** As a page sees it, for as long as it lives. */
  openFor(life: Life): LocalStore {
    const ask = <Answer>(action: () => Answer): Promise<Answer> =>
      new Promise((resolve, reject) => {
        life.after(this.#random.below(maxDelayMs), () => {
          if (this.trouble) return reject(new LocalStoreError(this.trouble, 'the device says so'));
          const answer = action();
          // It is committed before anybody hears of it.
          life.after(this.#random.below(maxDelayMs), () => resolve(answer));
        });
      });
    return {
      read: (document, after) => ask(() => this.#read(document, after)),
      write: (writes) => ask(() => writes.map((write) => this.#write(write))),
      list: () => ask(() => this.#list()),
      forget: (document) => ask(() => void this.#documents.delete(document)),
      persist: async () => this.#random.oneIn(2),
      close: async () => {},
    };
  }

  /** What is kept of a document now. */
  kept(document: string): KeptDocument | undefined {
    return this.#read(document);
  }

  /** What it was said to keep of a document. */
  promised(document: string): Said[] {
    const promised = this.#promised.get(document) ?? [];
    this.#promised.set(document, promised);
    return promised;
  }

  #read(document: string, after?: ReadAfter): KeptDocument | undefined {
    const stored = this.#documents.get(document);
    if (!stored || (after && after.life !== stored.life)) return undefined;
    const { engine, life, snapshot, entries, through, mark, unsaved } = stored;
    const from = after?.through ?? 0;
    const isNewer = snapshot && snapshot.through > from;
    const behind = entries.filter(({ number }) => number > from).map(({ update }) => update);
    const bytes = entries.reduce((sum, { update }) => sum + update.length, 0);
    return {
      engine,
      life,
      updates: [...(isNewer ? snapshot.bytes : []), ...behind],
      through,
      tail: { entries: entries.length, bytes },
      mark,
      unsaved: [...unsaved.values()],
    };
  }

  #write({ document, engine, life, updates, snapshot, mark, unsaved, saved = [] }: LocalWrite): LocalWritten {
    let stored = this.#documents.get(document);
    if (life !== undefined && stored?.life !== life) return { is: 'of-another-life' };
    if (!stored) {
      stored = {
        engine,
        life: `life ${++this.#lives}`,
        snapshot: undefined,
        entries: [],
        through: 0,
        mark: undefined,
        unsaved: new Map(),
      };
      this.#documents.set(document, stored);
    }
    if (stored.engine !== engine) return { is: 'of-another-engine', engine: stored.engine };
    if (snapshot && snapshot.through >= (stored.snapshot?.through ?? 0)) {
      stored.snapshot = snapshot;
      stored.entries = stored.entries.filter(({ number }) => number > snapshot.through);
    }
    for (const update of updates) stored.entries.push({ number: ++stored.through, update });
    if (mark) stored.mark = mark;
    if (unsaved && unsaved.edits > 0) stored.unsaved.set(unsaved.tab, unsaved);
    else if (unsaved) stored.unsaved.delete(unsaved.tab);
    for (const { tab, edits, sinceMs } of saved) {
      const now = stored.unsaved.get(tab);
      if (now?.edits === edits && now.sinceMs === sinceMs) stored.unsaved.delete(tab);
    }
    return { is: 'written', life: stored.life, through: stored.through };
  }

  #list(): KeptSummary[] {
    return Array.from(this.#documents, ([document, { engine, unsaved }]) => ({
      document,
      engine,
      isUnsaved: unsaved.size > 0,
    }));
  }
}
