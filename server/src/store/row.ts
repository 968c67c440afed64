// How updates lie in one row, and the checksum that SQLite does not have. Tools outside this server can read both: an
// entry is (length as LEB128, bytes) for each update; a checksum is the CRC-32 of the row's numbers, little-endian 64-bit, then its data.
import { crc32 } from 'node:zlib';
import { CorruptRow } from '../port/journal.ts';

export function packUpdates(updates: readonly Uint8Array[]): Uint8Array {
  let size = 0;
  for (const { length } of updates) size += length + lengthOfLength(length);
  const packed = new Uint8Array(size);
  let at = 0;
  for (const update of updates) {
    at = writeLength(packed, at, update.length);
    packed.set(update, at);
    at += update.length;
  }
  return packed;
}

/** Throws CorruptRow if the lengths do not add up. The updates are views of `packed`. */
export function unpackUpdates(packed: Uint8Array): Uint8Array[] {
  const updates: Uint8Array[] = [];
  let at = 0;
  while (at < packed.length) {
    let length = 0;
    let factor = 1;
    let byte: number;
    do {
      byte = packed[at++] ?? 0;
      length += (byte & 0x7f) * factor;
      factor *= 128;
    } while (byte >= 0x80);
    if (at + length > packed.length) throw new CorruptRow('an entry ends within an update');
    updates.push(packed.subarray(at, (at += length)));
  }
  return updates;
}

const numbers = new BigInt64Array(4);
const numberBytes = new Uint8Array(numbers.buffer);

/** At most four numbers that place the row, so that a row which strayed to another place is noticed too. */
export function checksum(data: Uint8Array, ...places: readonly number[]): number {
  places.forEach((place, index) => (numbers[index] = BigInt(place)));
  return crc32(data, crc32(numberBytes.subarray(0, places.length * 8)));
}

/** The checksum of a document's row: what it is called as well as where it stands. */
export function documentChecksum(
  name: string,
  engine: string,
  digest: Uint8Array,
  id: number,
  sequence: number,
): number {
  return crc32(`${engine} ${name}`, checksum(digest, id, sequence));
}

function lengthOfLength(length: number): number {
  let bytes = 1;
  for (let rest = length; rest >= 128; rest = Math.floor(rest / 128)) bytes++;
  return bytes;
}

function writeLength(into: Uint8Array, start: number, length: number): number {
  let at = start;
  let rest = length;
  while (rest >= 128) {
    into[at++] = (rest % 128) | 0x80;
    rest = Math.floor(rest / 128);
  }
  into[at++] = rest;
  return at;
}
