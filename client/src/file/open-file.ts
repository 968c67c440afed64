// The file as it is in use: locked, read through, and with what is known of its documents.
import type { Stats } from 'node:fs';
import { open, realpath, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { contentBytesOf, type Row } from './change.ts';
import { Draft } from './draft.ts';
import { codeOf } from './errors.ts';
import { LogFile, syncFolderOf } from './log-file.ts';
import { Lock } from './lock.ts';
import { leftover, rewrite } from './rewrite.ts';
import { scan } from './scan.ts';

/** Less than this is never worth a rewriting. */
const minUselessBytes = 1024 * 1024;

export class OpenFile {
  readonly #path: string;
  readonly #lock: Lock;
  #file: LogFile;
  #rows: Map<string, Row>;
  /** What of the file is contents that are kept. */
  #contentBytes = 0;
  /** Below this it is not rewritten: names and numbers cost more than is counted here, or it was tried and failed. */
  #worthFrom = 0;

  private constructor(path: string, lock: Lock, content: { file: LogFile; rows: Map<string, Row> }) {
    this.#path = path;
    this.#lock = lock;
    this.#file = content.file;
    this.#rows = content.rows;
    for (const row of content.rows.values()) this.#contentBytes += contentBytesOf(row);
  }

  static async open(named: string): Promise<OpenFile> {
    const path = await placeOf(named);
    const lock = await Lock.acquire(path);
    try {
      await rm(leftover(path), { force: true });
      return new OpenFile(path, lock, await contentOf(path));
    } catch (error) {
      await lock.release();
      throw error;
    }
  }

  get rows(): ReadonlyMap<string, Row> {
    return this.#rows;
  }

  /** The bytes as they were when this was called, whatever is written meanwhile. */
  read(pieces: Parameters<LogFile['read']>[0]): Promise<Uint8Array[]> {
    return this.#file.read(pieces);
  }

  /** All that is drawn up goes to the disk at once; resolves when it is there. If it rejects nothing has changed. */
  async commit<Answer>(drawUp: (draft: Draft) => Answer): Promise<Answer> {
    const frame = this.#file.frame();
    const draft = new Draft(this.#rows, frame);
    const answer = drawUp(draft);
    if (!frame.isEmpty) {
      await this.#file.append(frame.encode());
      this.#contentBytes += draft.applyTo(this.#rows);
    }
    return answer;
  }

  /** Whether the file is still where it was; somebody may have removed or replaced it. */
  async isInPlace(): Promise<boolean> {
    return this.#file.isAt(await found(this.#path));
  }

  /** Rewrites it if more than half of it is of no more use. If that fails the old one is used on. */
  async tidy(): Promise<void> {
    const { bytes } = this.#file;
    if (bytes < Math.max(minUselessBytes, this.#worthFrom)) return;
    const useless = bytes - this.#contentBytes;
    if (useless <= Math.max(minUselessBytes, bytes / 2)) return;
    this.#worthFrom = bytes + minUselessBytes;
    const old = this.#file;
    const { file, rows } = await rewrite(this.#path, this.#rows, old);
    this.#file = file;
    this.#rows = rows;
    this.#worthFrom = 2 * file.bytes + minUselessBytes;
    await old.close();
  }

  async close(): Promise<void> {
    try {
      await this.#file.close();
    } finally {
      await this.#lock.release();
    }
  }
}

async function contentOf(path: string): Promise<{ file: LogFile; rows: Map<string, Row> }> {
  const isThere = ((await found(path))?.size ?? 0) > 0;
  if (!isThere) return rewrite(path, new Map());
  const handle = await open(path, 'r+');
  try {
    const { salt, rows, end } = await scan(handle);
    if (end < (await handle.stat()).size) {
      await handle.truncate(end);
      await handle.sync();
    }
    // The rename that put it here may be on the disk only now.
    await syncFolderOf(path);
    return { file: new LogFile(handle, salt, end), rows };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** The file itself, whichever links lead to it: it is locked, and replaced, where it is. */
async function placeOf(path: string): Promise<string> {
  const isThere = (await found(path)) !== undefined;
  return isThere ? realpath(path) : join(await realpath(dirname(path)), basename(path));
}

async function found(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}
