// Writes what documents want kept on this device: whatever comes while one transaction is on its way is in the next one. A store that
// fails is tried again, and says so meanwhile; nothing that is synchronised waits for it.
import { backoffMs } from '../sync/backoff.ts';
import type { Platform } from '../sync/platform.ts';
import {
  type KeptDocument,
  type LocalStore,
  LocalStoreError,
  type LocalWrite,
  type LocalWritten,
  type ReadAfter,
} from './store.ts';

/** Whether what is typed survives the end of the page or the process, server or not. */
export type Durability =
  /** Nothing is kept on this device: the client was given no store. */
  | { readonly state: 'memory' }
  /** The store has not answered yet. */
  | { readonly state: 'opening' }
  /** It is kept until it is forgotten. */
  | { readonly state: 'kept' }
  /** It is kept, and the browser may clear it away when it needs the space. */
  | { readonly state: 'evictable' }
  /** It is not: what is typed is in memory alone. With a time at which the store is tried again, unless that is of no use. */
  | { readonly state: 'failed'; readonly error: LocalStoreError; readonly retryAtMs: number | undefined };

export interface KeptSource {
  /** What is to be written now; undefined if nothing is. */
  take(): LocalWrite | undefined;
  written(answer: LocalWritten): void;
  /** Nothing of what was taken has been written. */
  failed(error: LocalStoreError): void;
  /** The store is tried again. */
  again(): void;
}

export interface KeeperListener {
  /** `durability` has changed. */
  changed(): void;
  /** The store has failed, and answers again. */
  recovered?(): void;
}

/** What nobody waits for is written with what comes within this time. */
const lazyMs = 500;

export class Keeper {
  readonly #store: LocalStore;
  readonly #platform: Platform;
  readonly #listener: KeeperListener;
  readonly #sources = new Set<KeptSource>();
  readonly #dirty = new Set<KeptSource>();
  #durability: Durability = { state: 'opening' };
  #cancelWrite: (() => void) | undefined;
  #isUrgent = false;
  #writing: Promise<void> | undefined;
  #failures = 0;
  #cancelRetry: (() => void) | undefined;
  #isClosed = false;
  #hasAskedToPersist = false;

  constructor(store: LocalStore, platform: Platform, listener: KeeperListener) {
    this.#store = store;
    this.#platform = platform;
    this.#listener = listener;
  }

  get durability(): Durability {
    return this.#durability;
  }

  add(source: KeptSource): void {
    this.#sources.add(source);
  }

  /** What it has asked to be written is written all the same. */
  remove(source: KeptSource): void {
    this.#sources.delete(source);
  }

  /** With what was asked to be written before. Rejects with a LocalStoreError. */
  async read(document: string, after?: ReadAfter): Promise<KeptDocument | undefined> {
    try {
      await this.flush();
      const kept = await this.#store.read(document, after);
      this.#answered();
      if (this.#dirty.size > 0) void this.flush();
      return kept;
    } catch (error) {
      // One document that cannot be read keeps no other from being kept.
      if (error instanceof LocalStoreError && error.code === 'damaged') throw error;
      throw this.#failed(error);
    }
  }

  /** `source` has something to write: at once, or with what comes soon. */
  ask(source: KeptSource, { isUrgent }: { isUrgent: boolean }): void {
    this.#dirty.add(source);
    this.#plan(isUrgent);
  }

  #plan(isUrgent: boolean): void {
    // A store that does not answer is tried again all in all, and not by everyone who types.
    if (this.#writing || this.#isClosed || this.#durability.state === 'failed') return;
    if (this.#cancelWrite && (this.#isUrgent || !isUrgent)) return;
    this.#cancelWrite?.();
    this.#isUrgent = isUrgent;
    this.#cancelWrite = this.#platform.after(isUrgent ? 0 : lazyMs, () => void this.flush());
  }

  /** Writes all that was asked for. Resolves when it is written, or cannot be. */
  async flush(): Promise<void> {
    this.#cancelWrite?.();
    this.#cancelWrite = undefined;
    if (!this.#writing && this.#dirty.size > 0) {
      this.#writing = this.#writeAll().finally(() => {
        this.#writing = undefined;
        if (this.#dirty.size > 0) this.#plan(true);
      });
    }
    await this.#writing;
  }

  /** Removes what is kept of a document. Rejects with a LocalStoreError. */
  async forget(document: string): Promise<void> {
    await this.flush();
    await this.#store.forget(document);
  }

  /** Documents with something that no server has acknowledged, as far as is known here. Empty where the store does not answer. */
  async unsaved(): Promise<readonly { document: string; engine: string }[]> {
    try {
      const kept = await this.#store.list();
      return kept.filter(({ isUnsaved }) => isUnsaved);
    } catch (error) {
      this.#failed(error);
      return [];
    }
  }

  async close(): Promise<void> {
    await this.flush();
    this.#isClosed = true;
    this.#cancelWrite?.();
    this.#cancelRetry?.();
    await this.#store.close().catch((error: unknown) => this.#platform.report(error));
  }

  async #writeAll(): Promise<void> {
    // What is asked for in between is written as well.
    while (this.#dirty.size > 0 && (await this.#writeOnce()));
  }

  /** Gives whether the store has taken it. */
  async #writeOnce(): Promise<boolean> {
    const sources: KeptSource[] = [];
    const writes: LocalWrite[] = [];
    for (const source of this.#dirty) {
      this.#dirty.delete(source);
      const write = source.take();
      if (!write) continue;
      sources.push(source);
      writes.push(write);
    }
    if (writes.length === 0) return true;
    try {
      const answers = await this.#store.write(writes);
      this.#answered();
      sources.forEach((source, index) => source.written(answers[index]!));
      this.#askToPersist();
      return true;
    } catch (error) {
      const failure = this.#failed(error);
      for (const source of sources) source.failed(failure);
      return false;
    }
  }

  #answered(): void {
    this.#failures = 0;
    const { state } = this.#durability;
    if (state === 'opening' || state === 'failed') this.#is({ state: 'evictable' });
    if (state === 'failed') this.#listener.recovered?.();
  }

  /** Not before something is kept: some browsers ask the user. */
  #askToPersist(): void {
    if (this.#hasAskedToPersist) return;
    this.#hasAskedToPersist = true;
    this.#store.persist().then(
      (isKept) => {
        if (isKept && this.#durability.state === 'evictable') this.#is({ state: 'kept' });
      },
      // It stays evictable.
      () => {},
    );
  }

  #failed(thrown: unknown): LocalStoreError {
    const error =
      thrown instanceof LocalStoreError
        ? thrown
        : new LocalStoreError('failed', String(thrown), { cause: thrown });
    if (this.#isClosed) return error;
    this.#cancelRetry?.();
    this.#cancelRetry = undefined;
    if (!isRetried[error.code]) {
      this.#is({ state: 'failed', error, retryAtMs: undefined });
      return error;
    }
    const delayMs = backoffMs(this.#failures++, this.#platform.fraction());
    this.#cancelRetry = this.#platform.after(delayMs, () => this.#again());
    this.#is({ state: 'failed', error, retryAtMs: this.#platform.now() + delayMs });
    return error;
  }

  #again(): void {
    this.#cancelRetry = undefined;
    for (const source of this.#sources) source.again();
    void this.flush();
  }

  #is(durability: Durability): void {
    this.#durability = durability;
    this.#hasAskedToPersist &&= durability.state !== 'failed';
    this.#listener.changed();
  }
}

/** Whether it can be otherwise the next time, without anything that the app does. */
const isRetried: Readonly<Record<LocalStoreError['code'], boolean>> = {
  full: true,
  closed: true,
  held: true,
  failed: true,
  newer: false,
  unavailable: false,
  damaged: false,
};
