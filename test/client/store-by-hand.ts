// A store in a file of which the test says what fails, and sees what is asked for.
import { fileStore } from '@syncline/client/file';
import {
  type KeptDocument,
  type KeptSummary,
  type LocalStore,
  LocalStoreError,
  type LocalStoreErrorCode,
  type LocalWrite,
  type LocalWritten,
} from '@syncline/client/local/store.ts';

type Request = 'read' | 'write' | 'forget';

export class StoreByHand implements LocalStore {
  /** All that was to be written, whether or not it was. */
  readonly writes: LocalWrite[] = [];
  /** How often something was read. */
  reads = 0;
  /** Called when something is to be written, before it is. */
  onWrite = (): void => {};
  readonly #store: LocalStore;
  readonly #troubles = new Map<Request, LocalStoreErrorCode>();

  constructor(path: string) {
    this.#store = fileStore(path);
  }

  /** Until it is mended. */
  fail(request: Request, code: LocalStoreErrorCode): void {
    this.#troubles.set(request, code);
  }

  mend(): void {
    this.#troubles.clear();
  }

  async read(document: string): Promise<KeptDocument | undefined> {
    this.#expectNoTrouble('read');
    const kept = await this.#store.read(document);
    this.reads++;
    return kept;
  }

  async write(writes: readonly LocalWrite[]): Promise<readonly LocalWritten[]> {
    this.writes.push(...writes);
    this.onWrite();
    this.#expectNoTrouble('write');
    return this.#store.write(writes);
  }

  async forget(document: string): Promise<void> {
    this.#expectNoTrouble('forget');
    await this.#store.forget(document);
  }

  list(): Promise<readonly KeptSummary[]> {
    return this.#store.list();
  }

  persist(): Promise<boolean> {
    return this.#store.persist();
  }

  close(): Promise<void> {
    return this.#store.close();
  }

  #expectNoTrouble(request: Request): void {
    const code = this.#troubles.get(request);
    if (code) throw new LocalStoreError(code, 'The test says so.');
  }
}
