// Reads the parts of a chunk one after another, within bounds. A number that is written longer than it needs to be is refused, as
// Automerge does: other bytes would have the same meaning and another hash.
import { malformed } from './malformed.ts';

/** What the eighth byte of a LEB128 number counts: with all of it a number is exact no more. */
const maxWeight = 2 ** 49;
/** A LEB128 number of 64 bits has no more bytes. */
const maxLongBytes = 10;

export class ByteReader {
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
    if (this.at >= this.end) throw malformed('it is cut off');
    return this.bytes[this.at++]!;
  }

  /** Where so many bytes begin, which are passed over. */
  skip(length: number): number {
    const start = this.at;
    if (length > this.end - start) throw malformed('it is cut off');
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
        if (byte === 0) throw malformed('a number is longer than it needs to be');
        if (number > Number.MAX_SAFE_INTEGER) throw malformed('a number is out of range');
        return number;
      }
      if (weight >= maxWeight) throw malformed('a number is out of range');
    }
  }

  /** A signed LEB128 number of at most 49 bits. */
  int(): number {
    let byte = this.byte();
    let number = byte & 0x7f;
    let weight = 0x80;
    let previous = 0;
    while (byte >= 0x80) {
      if (weight >= maxWeight) throw malformed('a number is out of range');
      previous = byte;
      byte = this.byte();
      number += (byte & 0x7f) * weight;
      weight *= 0x80;
      if (isOverlong(previous, byte, true)) throw malformed('a number is longer than it needs to be');
    }
    return byte & 0x40 ? number - weight : number;
  }

  /** Passes over a LEB128 number of 64 bits. */
  skipLong(isSigned: boolean): void {
    let byte = this.byte();
    for (let count = 2; byte >= 0x80; count++) {
      const previous = byte;
      byte = this.byte();
      if (isOverlong(previous, byte, isSigned)) throw malformed('a number is longer than it needs to be');
      // The last of ten bytes is the highest bit of 64, or nothing but sign.
      if (count === maxLongBytes && !(isSigned ? byte === 0 || byte === 0x7f : byte === 1))
        throw malformed('a number is out of range');
    }
  }
}

function isOverlong(previous: number, last: number, isSigned: boolean): boolean {
  if (!isSigned) return last === 0;
  return previous & 0x40 ? last === 0x7f : last === 0;
}

/** Not a Buffer, whatever the bytes are. */
export function viewOf(bytes: Uint8Array, start: number, end: number): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset + start, end - start);
}
