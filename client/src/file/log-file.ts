// The open file: frames are added at its end, and contents read from where they are.
import { type FileHandle, open } from 'node:fs/promises';
import { constants } from 'node:fs';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';
import { LocalStoreError } from '../local/store.ts';
import type { Piece } from './change.ts';
import { codeOf } from './errors.ts';
import { Frame } from './frame.ts';

export class LogFile {
  readonly #handle: FileHandle;
  readonly #salt: Buffer;
  #end: number;
  /** Something may be behind the end that is not said to be there: it has to go before anything is added. */
  #isTorn = false;
  readonly #reading = new Set<Promise<unknown>>();

  constructor(handle: FileHandle, salt: Buffer, end: number) {
    this.#handle = handle;
    this.#salt = salt;
    this.#end = end;
  }

  get bytes(): number {
    return this.#end;
  }

  /** One for the place that is next. */
  frame(): Frame {
    return new Frame(this.#salt, this.#end);
  }

  /** Resolves when it is on the disk; if it rejects nothing of it is there. */
  async append(bytes: Buffer): Promise<void> {
    if (this.#isTorn) await this.#cut();
    this.#isTorn = true;
    try {
      await this.#write(bytes);
      await this.#handle.datasync();
    } catch (error) {
      // If that fails as well it is tried again before the next.
      await this.#cut().catch(() => {});
      throw error;
    }
    this.#isTorn = false;
    this.#end += bytes.length;
  }

  /** Adds without waiting for the disk, for a file of which nobody knows yet. */
  async add(bytes: Buffer): Promise<void> {
    await this.#write(bytes);
    this.#end += bytes.length;
  }

  read(pieces: readonly Piece[]): Promise<Uint8Array[]> {
    const reading = Promise.all(pieces.map((piece) => this.#piece(piece)));
    this.#reading.add(reading);
    const read = (): void => void this.#reading.delete(reading);
    reading.then(read, read);
    return reading;
  }

  async sync(): Promise<void> {
    await this.#handle.sync();
  }

  /** Whether the path still leads here. */
  async isAt(found: { readonly dev: number; readonly ino: number } | undefined): Promise<boolean> {
    const own = await this.#handle.stat();
    return own.dev === found?.dev && own.ino === found.ino;
  }

  /** When all that is being read from it has been read. */
  async close(): Promise<void> {
    while (this.#reading.size > 0) await Promise.allSettled(this.#reading);
    await this.#handle.close();
  }

  async #write(bytes: Buffer): Promise<void> {
    let written = 0;
    while (written < bytes.length) {
      const left = bytes.length - written;
      written += (await this.#handle.write(bytes, written, left, this.#end + written)).bytesWritten;
    }
  }

  async #cut(): Promise<void> {
    await this.#handle.truncate(this.#end);
    await this.#handle.datasync();
    this.#isTorn = false;
  }

  async #piece({ offset, length, checksum }: Piece): Promise<Uint8Array> {
    const bytes = await readAt(this.#handle, offset, length);
    if (bytes.length !== length || crc32(bytes) !== checksum)
      throw new LocalStoreError('damaged', `The file is damaged at ${offset}.`);
    return bytes;
  }
}

/** Fewer if the file ends before. */
export async function readAt(handle: FileHandle, offset: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  let read = 0;
  while (read < length) {
    const { bytesRead } = await handle.read(bytes, read, length - read, offset + read);
    if (bytesRead === 0) return bytes.subarray(0, read);
    read += bytesRead;
  }
  return bytes;
}

/** A file's name is data of its folder, and would be gone after a power cut. Windows cannot be asked for that. */
export async function syncFolderOf(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(dirname(path), constants.O_RDONLY);
  try {
    await folder.sync();
  } catch (error) {
    // Some file systems know no such thing of a folder.
    if (codeOf(error) !== 'EINVAL') throw error;
  } finally {
    await folder.close();
  }
}
