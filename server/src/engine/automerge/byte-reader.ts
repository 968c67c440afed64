// Reads the numbers of a change's operations, beside what all chunks have.
import { ChunkReader } from '@syncline/shared/automerge/chunk-reader.ts';
import { malformed } from './malformed.ts';

/** What the eighth byte of a LEB128 number counts: with all of it a number is exact no more. */
const maxWeight = 2 ** 49;
/** A LEB128 number of 64 bits has no more bytes. */
const maxLongBytes = 10;

export class ByteReader extends ChunkReader {
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
