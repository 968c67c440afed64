// Reads a file through as it is opened. What was being added when the process or the machine ended is torn, and at the end; everything
// else that is not as it was written is damage.
import type { FileHandle } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { LocalStoreError } from '../local/store.ts';
import { type Change, placesFrom, type Row } from './change.ts';
import { replay } from './draft.ts';
import { decodeFrameHeader, decodeHeader, frameHeaderBytes, headerBytes } from './frame.ts';
import { readAt } from './log-file.ts';

interface Scanned {
  readonly salt: Buffer;
  readonly rows: Map<string, Row>;
  /** Where the last whole frame ends. */
  readonly end: number;
}

/** So much is read at once; a frame that is larger, as a whole. */
const windowBytes = 1024 * 1024;

export async function scan(handle: FileHandle): Promise<Scanned> {
  const { size } = await handle.stat();
  const file = new Window(handle, size);
  const salt = decodeHeader(await file.at(0, headerBytes));
  const rows = new Map<string, Row>();
  let end = headerBytes;
  while (end < size) {
    const header = decodeFrameHeader(await file.at(end, frameHeaderBytes), salt, end);
    if (!header) {
      if (await isFollowed(file, salt, end + 1)) throw damaged(end);
      break;
    }
    const { contentBytes, changeBytes, checksum } = header;
    const start = end + frameHeaderBytes;
    const next = start + contentBytes + changeBytes;
    if (next > size) break;
    const body = await file.at(start, contentBytes + changeBytes);
    if (crc32(body) !== checksum) {
      // It was on the disk before anything was written behind it.
      if (next < size) throw damaged(end);
      break;
    }
    const place = placesFrom(start);
    for (const change of changesIn(body.subarray(contentBytes), end)) replay(rows, change, place);
    end = next;
  }
  return { salt, rows, end };
}

function changesIn(bytes: Buffer, place: number): readonly Change[] {
  try {
    return JSON.parse(bytes.toString()) as readonly Change[];
  } catch {
    throw damaged(place);
  }
}

/** Whether there is a whole frame at this place or behind it. */
async function isFollowed(file: Window, salt: Buffer, from: number): Promise<boolean> {
  for (let start = from; start < file.size; start += windowBytes) {
    const window = await file.at(start, windowBytes + frameHeaderBytes - 1);
    for (let index = 0; index + frameHeaderBytes <= window.length; index++) {
      const place = start + index;
      const body = window.readUInt32LE(index) + window.readUInt32LE(index + 4);
      // Few places get any further, so that the rest may cost something.
      if (place + frameHeaderBytes + body > file.size) continue;
      const header = decodeFrameHeader(window.subarray(index, index + frameHeaderBytes), salt, place);
      if (header && crc32(await file.at(place + frameHeaderBytes, body)) === header.checksum) return true;
    }
  }
  return false;
}

function damaged(place: number): LocalStoreError {
  return new LocalStoreError('damaged', `The file is damaged at ${place}, and was left as it is.`);
}

/** The part of the file that was read last, so that small frames do not cost a read each. */
class Window {
  readonly size: number;
  readonly #handle: FileHandle;
  #start = 0;
  #bytes: Buffer = Buffer.alloc(0);

  constructor(handle: FileHandle, size: number) {
    this.#handle = handle;
    this.size = size;
  }

  /** Fewer if the file ends before. */
  async at(offset: number, length: number): Promise<Buffer> {
    const wanted = Math.min(length, Math.max(0, this.size - offset));
    const isIn = offset >= this.#start && offset + wanted <= this.#start + this.#bytes.length;
    if (!isIn) {
      const read = await readAt(
        this.#handle,
        offset,
        Math.max(wanted, Math.min(windowBytes, this.size - offset)),
      );
      this.#start = offset;
      this.#bytes = Buffer.from(read.buffer, 0, read.length);
    }
    return this.#bytes.subarray(offset - this.#start, offset - this.#start + wanted);
  }
}
