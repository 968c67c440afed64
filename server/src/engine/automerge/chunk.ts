// What is in the frame of a change: taken out of it, inflated within bounds, and held against its checksum.
import { hash } from 'node:crypto';
import { inflateRawSync } from 'node:zlib';
import { SyncError } from '@syncline/shared';
import {
  bundleType,
  changeType,
  checkSum,
  type Chunk,
  deflatedType,
  documentType,
  hashBytes,
  hashedFrom,
} from '@syncline/shared/automerge/chunk.ts';
import { viewOf } from '@syncline/shared/automerge/chunk-reader.ts';
import { ByteReader } from './byte-reader.ts';
import { malformed } from './malformed.ts';

/** Inflating and hashing so much takes 20 ms. */
const maxInflatedFreely = 8 * 1024 * 1024;
/** Prose deflates to a third, keystrokes in columns to a twentieth; 195 KB of nothing but one letter are 200 MB. */
const maxInflation = 64;
/** A browser needs a minute for a change of this size. */
const maxInflatedBytes = 128 * 1024 * 1024;

/** A change out of its frame. */
export interface ChangeBody {
  readonly hash: Uint8Array;
  /** Reads the inflated form; at its beginning. */
  readonly reader: ByteReader;
}

/** Counts what the chunks of one update inflate to. */
export class Inflation {
  #left: number;

  constructor(updateBytes: number, freely = maxInflatedFreely) {
    this.#left = Math.min(maxInflatedBytes, Math.max(freely, updateBytes * maxInflation));
  }

  /** Throws `malformed_update`, or `update_too_costly` past the bound. */
  inflate(deflated: Uint8Array): Uint8Array {
    try {
      // A stream may be followed by other bytes, which would be in no hash.
      const { buffer, engine } = inflateRawSync(deflated, {
        maxOutputLength: this.#left,
        info: true,
      }) as unknown as {
        buffer: Buffer;
        engine: { bytesWritten: number };
      };
      if (engine.bytesWritten !== deflated.length) throw malformed('it has bytes after its end');
      this.#left -= buffer.length;
      return buffer;
    } catch (error) {
      if (error instanceof SyncError) throw error;
      if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE')
        throw new SyncError('update_too_costly', 'it inflates to too much');
      throw malformed('it cannot be inflated');
    }
  }
}

/** What is in the frame of a change. Throws `malformed_update`, or `update_too_costly`. */
export function openChange(update: Uint8Array, chunk: Chunk, inflation: Inflation): ChangeBody {
  const { type, start, end, bodyStart } = chunk;
  if (type === changeType) {
    const hashed = hashOf(viewOf(update, start + hashedFrom, end));
    checkSum(update, start, hashed);
    return { hash: hashed, reader: new ByteReader(update, bodyStart, end) };
  }
  if (type !== deflatedType) throw malformed(refusalOf(type));
  const inflated = inflation.inflate(viewOf(update, bodyStart, end));
  const hashed = hashOf(Buffer.concat([frameOf(inflated.length), inflated]));
  checkSum(update, start, hashed);
  return { hash: hashed, reader: new ByteReader(inflated) };
}

function refusalOf(type: number): string {
  if (type === documentType) return 'a whole document is no update; its changes are';
  if (type === bundleType) return 'a bundle is no update; its changes are';
  return 'a chunk has a type that is not known';
}

/** The hash of a chunk from its type on. */
export function hashOf(bytes: Uint8Array): Uint8Array {
  const digest = hash('sha256', bytes, 'buffer');
  return viewOf(digest, 0, hashBytes);
}

/** Type and length of an inflated change. */
function frameOf(length: number): Uint8Array {
  const frame = [changeType];
  let rest = length;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) frame.push((rest % 0x80) | 0x80);
  frame.push(rest);
  return Uint8Array.from(frame);
}
