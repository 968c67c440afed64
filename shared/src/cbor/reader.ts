// Reads CBOR from left to right, without building what nobody asked for: a message of a few bytes can announce an array of millions, or
// be a regular expression. Throws `bad_frame`.
import { decodeUtf8 } from 'lib0/string';
import { SyncError } from '../error.ts';
import { majorOf } from './major.ts';

const indefinite = 31;
const breakByte = 0xff;
/** Numbers are among the simple values where they are floats, of two, four and eight bytes. */
const floats = { half: 0xf9, single: 0xfa, double: 0xfb } as const;
const [nullByte, undefinedByte] = [0xf6, 0xf7];

export class CborReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    const { buffer, byteOffset, byteLength } = bytes;
    // Not as the Buffer that it may be, whose slices are views.
    this.#bytes = new Uint8Array(buffer, byteOffset, byteLength);
    this.#view = new DataView(buffer, byteOffset, byteLength);
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  /** Of the next value, one of `majorOf`; a tag says more of it than is asked for here. */
  get kind(): number {
    this.#skipTags();
    return this.#peek() >> 5;
  }

  /** Calls `read` for each key of a map, which reads or skips the value. */
  map(read: (key: string) => void): void {
    this.entries(() => read(this.text()));
  }

  /** Calls `read` for each key and value of a map, which reads or skips both. */
  entries(read: () => void): void {
    this.#skipTags();
    this.#items(this.#head(majorOf.map, 'a map'), read);
  }

  /** Calls `read` for each item of an array, which reads or skips it. */
  array(read: () => void): void {
    this.#skipTags();
    this.#items(this.#head(majorOf.array, 'an array'), read);
  }

  text(): string {
    this.#skipTags();
    const bytes = this.#take(this.#head(majorOf.text, 'a text'));
    try {
      return decodeUtf8(bytes);
    } catch {
      throw new SyncError('bad_frame', 'a text is not UTF-8');
    }
  }

  /** A view of what is read. */
  bytes(): Uint8Array {
    this.#skipTags();
    return this.#take(this.#head(majorOf.bytes, 'bytes'));
  }

  /** Of any notation: stock clients write the time as a float. */
  number(): number {
    this.#skipTags();
    const initial = this.#peek();
    if (initial >> 5 === majorOf.uint) return this.#head(majorOf.uint, 'a number');
    if (initial >> 5 === majorOf.negative) return -1 - this.#head(majorOf.negative, 'a number');
    const at = this.#at + 1;
    this.#skipSimple();
    switch (initial) {
      case floats.half:
        return halfFloat(this.#view.getUint16(at));
      case floats.single:
        return this.#view.getFloat32(at);
      case floats.double:
        return this.#view.getFloat64(at);
      default:
        throw new SyncError('bad_frame', 'a number is missing');
    }
  }

  /** A value of one byte that is neither a number nor holds anything. */
  simple(): boolean | null | undefined {
    switch (this.#take(1)[0]!) {
      case 0xf4:
        return false;
      case 0xf5:
        return true;
      case nullByte:
        return null;
      case undefinedByte:
        return undefined;
      default:
        throw new SyncError('bad_frame', 'a value is of no known kind');
    }
  }

  /** Whether the next value is a number in the notation of floats. */
  isFloat(): boolean {
    const initial = this.#peek();
    return initial >= floats.half && initial <= floats.double;
  }

  /** Whether the value is null or undefined, which are as good as absent; it is skipped then. */
  isNothing(): boolean {
    const initial = this.#peek();
    if (initial !== nullByte && initial !== undefinedByte) return false;
    this.#at++;
    return true;
  }

  /** Values in values are skipped as deep as this. */
  skip(maxDepth: number): void {
    if (maxDepth < 0) throw new SyncError('bad_frame', 'it is nested too deep');
    const { kind } = this;
    switch (kind) {
      case majorOf.simple:
        return this.#skipSimple();
      case majorOf.bytes:
        return void this.bytes();
      case majorOf.text:
        return void this.#take(this.#head(kind, 'a text'));
      case majorOf.array:
        return this.array(() => this.skip(maxDepth - 1));
      case majorOf.map:
        return this.entries(() => {
          this.skip(maxDepth - 1);
          this.skip(maxDepth - 1);
        });
      default:
        this.#head(kind, 'a value');
    }
  }

  #items(count: number, read: () => void): void {
    if (count === Infinity) {
      while (this.#peek() !== breakByte) read();
      this.#at++;
    } else for (let item = 0; item < count; item++) read();
  }

  #skipTags(): void {
    while (this.#peek() >> 5 === majorOf.tag) this.#head(majorOf.tag, 'a tag');
  }

  #skipSimple(): void {
    const info = this.#take(1)[0]! & 31;
    if (info < 24) return;
    if (info > 27) throw new SyncError('bad_frame', 'a value is of no known kind');
    this.#take(2 ** (info - 24));
  }

  /** The argument of an item's head; Infinity for arrays and maps that end with a break. */
  #head(kind: number, what: string): number {
    const initial = this.#peek();
    if (initial >> 5 !== kind) throw new SyncError('bad_frame', `${what} is missing`);
    this.#at++;
    const info = initial & 31;
    if (info < 24) return info;
    if (info === indefinite && (kind === majorOf.array || kind === majorOf.map)) return Infinity;
    if (info > 27) throw new SyncError('bad_frame', `${what} has no readable length`);
    const at = this.#at;
    this.#take(2 ** (info - 24));
    if (info === 24) return this.#view.getUint8(at);
    if (info === 25) return this.#view.getUint16(at);
    if (info === 26) return this.#view.getUint32(at);
    // Beyond 2^53 it is not exact, and nothing so large is ever there.
    return this.#view.getUint32(at) * 2 ** 32 + this.#view.getUint32(at + 4);
  }

  #peek(): number {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) throw new SyncError('bad_frame', 'it ends too early');
    return byte;
  }

  #take(length: number): Uint8Array {
    if (length > this.#bytes.length - this.#at) throw new SyncError('bad_frame', 'it ends too early');
    const bytes = this.#bytes.subarray(this.#at, this.#at + length);
    this.#at += length;
    return bytes;
  }
}

function halfFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const [exponent, fraction] = [(bits >> 10) & 31, bits & 1023];
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
}
