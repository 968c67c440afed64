// How documents are called where names are ids of 16 bytes: in URLs of automerge-repo, as base58 with a checksum, as Bitcoin writes
// addresses.
import { digest } from 'lib0/hash/sha256';
import { encodeUtf8 } from 'lib0/string';

const alphabet = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
const digits = new Map(Array.from(alphabet, (letter, digit) => [letter, digit]));
const checksumBytes = 4;

/** Ids have 16 bytes; an app may have made its own, of some other length. Longer texts are not looked at: it takes the square of their length. */
const maxIdLength = 128;

const aliasBytes = 16;

/** The id of the document in URLs of automerge-repo: its name where that is such an id, and one made of its name where it is not. */
export function documentIdOf(name: string): string {
  return bytesOfDocumentId(name) ? name : documentIdOfBytes(aliasOf(name));
}

/** What automerge-repo calls the document. */
export function automergeUrlOf(name: string): `automerge:${string}` {
  return `automerge:${documentIdOf(name)}`;
}

/** The 16 bytes by which a document is known whose name is no id. */
function aliasOf(name: string): Uint8Array {
  return digest(encodeUtf8(name)).slice(0, aliasBytes);
}

/** What an id stands for, with its checksum checked; undefined for what is none. */
export function bytesOfDocumentId(id: string): Uint8Array | undefined {
  const bytes = fromBase58(id);
  if (!bytes || bytes.length <= checksumBytes) return undefined;
  const payload = bytes.subarray(0, -checksumBytes);
  const isWhole = checksumOf(payload).every((byte, at) => byte === bytes[payload.length + at]);
  return isWhole ? payload : undefined;
}

export function documentIdOfBytes(payload: Uint8Array): string {
  const bytes = new Uint8Array(payload.length + checksumBytes);
  bytes.set(payload);
  bytes.set(checksumOf(payload), payload.length);
  return toBase58(bytes);
}

function checksumOf(payload: Uint8Array): Uint8Array {
  return digest(digest(payload)).slice(0, checksumBytes);
}

function toBase58(bytes: Uint8Array): string {
  const places = inBase(bytes, 256, 58);
  return places.map((digit) => alphabet[digit]!).join('');
}

function fromBase58(text: string): Uint8Array | undefined {
  if (text.length > maxIdLength) return undefined;
  const places: number[] = [];
  for (const letter of text) {
    const digit = digits.get(letter);
    if (digit === undefined) return undefined;
    places.push(digit);
  }
  return Uint8Array.from(inBase(places, 58, 256));
}

/** A number in another base, most significant digit first; every zero before it stays one. */
function inBase(number: ArrayLike<number>, from: number, to: number): number[] {
  let zeros = 0;
  while (zeros < number.length && number[zeros] === 0) zeros++;
  // Least significant digit first.
  const places: number[] = [];
  for (let at = zeros; at < number.length; at++) {
    let carry = number[at]!;
    for (let place = 0; place < places.length; place++) {
      carry += places[place]! * from;
      places[place] = carry % to;
      carry = Math.floor(carry / to);
    }
    for (; carry > 0; carry = Math.floor(carry / to)) places.push(carry % to);
  }
  return [...Array.from({ length: zeros }, () => 0), ...places.toReversed()];
}
