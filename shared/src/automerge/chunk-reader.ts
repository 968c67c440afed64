// Reads the parts of Automerge's chunks one after another, within bounds. A number that is written longer than it needs to be is refused,
// as Automerge does: other bytes would have the same meaning and another hash. Throws `malformed_update`.
import { SyncError } from '../error.ts';

/** What the eighth byte of a LEB128 number counts: with all of it a number is exact no more. */
const maxWeight = 2 ** 49;

export class ChunkReader {
  readonly bytes: Uint8Array;
  readonly end: number;
  at: number;

  constructor(bytes: Uint8Array, start = 0, end = bytes.length) {
    this.bytes = bytes;
    this.at = start;
    this.end = end;
  }

  get isDone(): boolean {
    return this.at === this.end;
  }

  byte(): number {
    if (this.at >= this.end) throw new SyncError('malformed_update', 'it is cut off');
    return this.bytes[this.at++]!;
  }

  /** Where so many bytes begin, which are passed over. */
  skip(length: number): number {
    const start = this.at;
    if (length > this.end - start) throw new SyncError('malformed_update', 'it is cut off');
    this.at = start + length;
    return start;
  }

  /** So many bytes, as a view. */
  take(length: number): Uint8Array {
    return viewOf(this.bytes, this.skip(length), this.at);
  }

  /** An unsigned LEB128 number that is safe. */
  uint(): number {
    let byte = this.byte();
    if (byte < 0x80) return byte;
    let number = byte & 0x7f;
    for (let weight = 0x80; ; weight *= 0x80) {
      byte = this.byte();
      number += (byte & 0x7f) * weight;
      if (byte < 0x80) {
        if (byte === 0) throw new SyncError('malformed_update', 'a number is longer than it needs to be');
        if (number <= Number.MAX_SAFE_INTEGER) return number;
      } else if (weight < maxWeight) continue;
      throw new SyncError('malformed_update', 'a number is out of range');
    }
  }
}

/** Not a Buffer, whatever the bytes are. */
export function viewOf(bytes: Uint8Array, start: number, end: number): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset + start, end - start);
}
