// The values of operations: their kinds and lengths in one column, their bytes in another.
import { isUtf8 } from 'node:buffer';
import type { ByteReader } from './byte-reader.ts';
import { malformed } from './malformed.ts';

// The lower four bits of a kind; the others are the length.
const nothing = 0;
const no = 1;
const yes = 2;
const unsigned = 3;
const signed = 4;
const float = 5;
const text = 6;
const bytes = 7;
const counter = 8;
const time = 9;

export function isInteger(kind: number | undefined): boolean {
  return kind !== undefined && (kind % 16 === unsigned || kind % 16 === signed);
}

/** Reads so many values of one kind and length. Throws `malformed_update`. */
export function checkValues(kind: number | undefined, count: number, reader: ByteReader): void {
  if (kind === undefined) throw malformed('an operation has no value');
  const length = Math.floor(kind / 16);
  switch (kind % 16) {
    case nothing:
    case no:
    case yes:
      if (length > 0) throw malformed('a value has bytes that it needs not');
      return;
    case unsigned:
    case signed:
    case counter:
    case time:
      return checkIntegers(kind % 16 !== unsigned, length, count, reader);
    case float:
      if (length !== 8) throw malformed('a value is no floating-point number');
      return void reader.skip(length * count);
    case text:
      return checkTexts(reader.take(length * count), length);
    case bytes:
      return void reader.skip(length * count);
    default:
      throw malformed('a value is of a kind that is not known');
  }
}

function checkIntegers(isSigned: boolean, length: number, count: number, reader: ByteReader): void {
  if (length === 0) throw malformed('a number has no bytes');
  for (let left = count; left > 0; left--) {
    const end = reader.at + length;
    reader.skipLong(isSigned);
    if (reader.at !== end) throw malformed('a number is not as long as it says');
  }
}

/** Each of them by itself is UTF-8: all together are, and none begins in the midst of a letter. */
function checkTexts(all: Uint8Array, length: number): void {
  if (!isUtf8(all)) throw malformed('a text is not UTF-8');
  for (let at = length; at < all.length; at += length)
    if ((all[at]! & 0xc0) === 0x80) throw malformed('a text is not UTF-8');
}
