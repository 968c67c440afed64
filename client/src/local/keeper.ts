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
  /** What its document is called. */
  readonly document: string;
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
  /** The transaction that is on its way, and the one that follows. */
  #writing: Promise<void> | undefined;
  #next: Promise<void> | undefined;
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
    if (this.#writing || this.#next || !this.#isToWrite) return;
    if (this.#cancelWrite && (this.#isUrgent || !isUrgent)) return;
    this.#cancelWrite?.();
    this.#isUrgent = isUrgent;
    this.#cancelWrite = this.#platform.after(isUrgent ? 0 : lazyMs, () => {
      this.#cancelWrite = undefined;
      void this.flush();
    });
  }

  /** A store that does not answer is tried again all in all, and not by everyone who types. */
  get #isToWrite(): boolean {
    return this.#dirty.size > 0 && this.#durability.state !== 'failed' && !this.#isClosed;
  }

  /** Writes all that was asked for until now. Resolves when it is written, or cannot be. */
  async flush(): Promise<void> {
    if (this.#dirty.size > 0) this.#next ??= this.#writeNext();
    await (this.#next ?? this.#writing);
  }

  /** Removes what is kept of a document, which nobody has open. Rejects with a LocalStoreError. */
  async forget(document: string): Promise<void> {
    await this.flush();
    // What could not be written would bring it back.
    const unwritten = [...this.#dirty].filter((source) => source.document === document);
    for (const source of unwritten) this.#dirty.delete(source);
    try {
      await this.#store.forget(document);
    } catch (error) {
      for (const source of unwritten) this.ask(source, { isUrgent: true });
      throw error;
    }
    this.#answered();
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
    do await this.flush();
    while (this.#isToWrite);
    this.#isClosed = true;
    this.#cancelWrite?.();
    this.#cancelRetry?.();
    await this.#store.close().catch((error: unknown) => this.#platform.report(error));
  }

  async #writeNext(): Promise<void> {
    // In the midst of what somebody does the mark of a document may be ahead of what is in it.
    await this.#writing;
    this.#next = undefined;
    this.#cancelWrite?.();
    this.#cancelWrite = undefined;
    await (this.#writing = this.#write());
    this.#writing = undefined;
    // What was asked for meanwhile.
    if (this.#isToWrite) void this.flush();
  }

  /** Never rejects. */
  async #write(): Promise<void> {
    const sources: KeptSource[] = [];
    try {
      const writes: LocalWrite[] = [];
      for (const source of this.#dirty) {
        this.#dirty.delete(source);
        const write = source.take();
        if (!write) continue;
        sources.push(source);
        writes.push(write);
      }
      if (writes.length === 0) return;
      const answers = await this.#store.write(writes);
      this.#answered();
      sources.forEach((source, index) => source.written(answers[index]!));
      this.#askToPersist();
    } catch (error) {
      const failure = this.#failed(error);
      for (const source of sources) source.failed(failure);
    }
  }

  #answered(): void {
    this.#failures = 0;
    const { state } = this.#durability;
    if (state === 'opening' || state === 'failed') this.#is({ state: 'evictable' });
    if (state !== 'failed') return;
    this.#plan(true);
    this.#listener.recovered?.();
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
