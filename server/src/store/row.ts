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

/** A document's row but for what can be told from the rest of it. */
export interface DocumentFields {
  readonly id: number;
  readonly name: string;
  readonly engine: string;
  readonly sequence: number;
  readonly digest: Uint8Array;
  readonly incarnation: number;
  readonly isDeleted: boolean;
}

/** The checksum of a document's row: what it is called as well as where it stands. */
export function documentChecksum(row: DocumentFields): number {
  const { id, name, engine, sequence, digest, incarnation, isDeleted } = row;
  // Rows that were written before there were deletions have no word of them, and most that are written today need none.
  const places =
    incarnation === 1 && !isDeleted ? [id, sequence] : [id, sequence, incarnation, isDeleted ? 1 : 0];
  return crc32(`${engine} ${name}`, checksum(digest, ...places));
}

/** A document's row as it is read. */
export type DocumentRow = Omit<DocumentFields, 'isDeleted'> & {
  readonly digest: Buffer;
  readonly is_deleted: number;
  readonly checksum: number;
};

export const documentColumns = 'id, name, engine, sequence, digest, incarnation, is_deleted, checksum';

export function fieldsOf({ is_deleted: isDeleted, ...rest }: DocumentRow): DocumentFields {
  return { ...rest, isDeleted: isDeleted !== 0 };
}

export function isIntact(row: DocumentRow): boolean {
  return documentChecksum(fieldsOf(row)) === row.checksum;
}

/** What is said of a document whose row is not intact. */
export function damagedRow({ id }: DocumentRow): string {
  return `the row of document ${id} is damaged`;
}

/** Throws CorruptRow. */
export function intactFields(row: DocumentRow): DocumentFields {
  if (!isIntact(row)) throw new CorruptRow(damagedRow(row));
  return fieldsOf(row);
}

/** Of a value that is kept under a key. */
export function memoryChecksum(key: Uint8Array, value: Uint8Array): number {
  return crc32(value, crc32(key));
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
