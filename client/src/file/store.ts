// Documents in a file, for one process. Everything is asked of the file in turn: what is to be written while it is busy goes together, with
// one sync of the disk.
import { resolve } from 'node:path';
import type {
  KeptDocument,
  KeptSummary,
  LocalStore,
  LocalWrite,
  LocalWritten,
  ReadAfter,
} from '../local/store.ts';
import { LocalStoreError } from '../local/store.ts';
import type { Draft } from './draft.ts';
import { told } from './errors.ts';
import { OpenFile } from './open-file.ts';

/** So much goes to the disk at once: with more of it, those who asked first would wait for those who asked last. */
const maxGroupBytes = 16 * 1024 * 1024;

interface Waiting {
  readonly bytes: number;
  readonly drawUp: (draft: Draft) => () => void;
  readonly failed: (error: LocalStoreError) => void;
}

export class FileStore implements LocalStore {
  readonly #path: string;
  #opening: Promise<OpenFile> | undefined;
  #waiting: Waiting[] = [];
  #writing: Promise<void> | undefined;
  #closing: Promise<void> | undefined;

  constructor(path: string) {
    this.#path = resolve(path);
  }

  async read(document: string, after?: ReadAfter): Promise<KeptDocument | undefined> {
    const file = await this.#open();
    const row = file.rows.get(document);
    if (!row || (after && after.life !== row.life)) return undefined;
    const { engine, life, through, snapshot, entries, mark, unsaved } = row;
    const read = after?.through ?? -1;
    const first = through - entries.length + 1;
    const pieces = snapshot && snapshot.through > read ? snapshot.pieces : [];
    const behind = entries.slice(Math.max(0, read + 1 - first));
    const tail = { entries: entries.length, bytes: entries.reduce((sum, { length }) => sum + length, 0) };
    try {
      const updates = await file.read([...pieces, ...behind]);
      return { engine, life, updates, through, tail, mark, unsaved };
    } catch (error) {
      throw told(error, 'The file cannot be read');
    }
  }

  write(writes: readonly LocalWrite[]): Promise<readonly LocalWritten[]> {
    return this.#commit(bytesOf(writes), (draft) => writes.map((write) => draft.write(write)));
  }

  async list(): Promise<readonly KeptSummary[]> {
    const { rows } = await this.#open();
    return [...rows].map(([document, { engine, unsaved }]) => ({
      document,
      engine,
      isUnsaved: unsaved.length > 0,
    }));
  }

  forget(document: string): Promise<void> {
    return this.#commit(0, (draft) => draft.forget(document));
  }

  /** Nobody clears a file away. */
  async persist(): Promise<boolean> {
    return true;
  }

  /** What has been asked for is done before. */
  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  async #close(): Promise<void> {
    await this.#writing;
    const file = await this.#opening?.catch(() => {});
    await file?.close();
  }

  async #open(): Promise<OpenFile> {
    if (this.#closing) throw new LocalStoreError('closed', 'The store was closed.');
    return this.#opened();
  }

  async #opened(): Promise<OpenFile> {
    const opening = (this.#opening ??= OpenFile.open(this.#path));
    try {
      return await opening;
    } catch (error) {
      // Tried again with what is asked next.
      if (this.#opening === opening) this.#opening = undefined;
      throw told(error, 'The file cannot be opened');
    }
  }

  #commit<Answer>(bytes: number, drawUp: (draft: Draft) => Answer): Promise<Answer> {
    if (this.#closing) return Promise.reject(new LocalStoreError('closed', 'The store was closed.'));
    return new Promise((done, failed) => {
      this.#waiting.push({
        bytes,
        failed,
        drawUp: (draft) => {
          const answer = drawUp(draft);
          return () => done(answer);
        },
      });
      this.#writing ??= this.#writeAll();
    });
  }

  async #writeAll(): Promise<void> {
    // All that is asked for in one go belongs together.
    await Promise.resolve();
    while (this.#waiting.length > 0) await this.#writeGroup(this.#nextGroup());
    this.#writing = undefined;
  }

  #nextGroup(): readonly Waiting[] {
    let bytes = 0;
    const end = this.#waiting.findIndex((each) => (bytes += each.bytes) > maxGroupBytes);
    return this.#waiting.splice(0, end === -1 ? this.#waiting.length : Math.max(1, end));
  }

  async #writeGroup(group: readonly Waiting[]): Promise<void> {
    try {
      const file = await this.#openInPlace();
      const tell = await file.commit((draft) => group.map(({ drawUp }) => drawUp(draft)));
      for (const each of tell) each();
      // They have their answer: what goes wrong with the rest is nothing to them.
      await file.tidy().catch(() => {});
    } catch (error) {
      for (const { failed } of group) failed(told(error, 'The file cannot be written'));
    }
  }

  /** A file that was removed under us would take along everything that is written to it. */
  async #openInPlace(): Promise<OpenFile> {
    const file = await this.#opened();
    if (await file.isInPlace()) return file;
    this.#opening = file.close().then(() => OpenFile.open(this.#path));
    return this.#opened();
  }
}

function bytesOf(writes: readonly LocalWrite[]): number {
  const contents = writes.flatMap(({ updates, snapshot }) => [...updates, ...(snapshot?.bytes ?? [])]);
  return contents.reduce((sum, { length }) => sum + length, 0);
}
