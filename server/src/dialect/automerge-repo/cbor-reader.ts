// Reads the part of CBOR that this protocol is made of, from left to right and without building what nobody asked for: a frame
// of a few bytes can announce an array of millions, or be a regular expression.
import { SyncError } from '@syncline/shared';
import { decodeUtf8 } from 'lib0/string';

const major = { uint: 0, negative: 1, bytes: 2, text: 3, array: 4, map: 5, tag: 6, simple: 7 } as const;
const indefinite = 31;
const breakByte = 0xff;

/** Nothing of this protocol lies deeper than 4. */
const maxDepth = 16;

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

  /** Calls `read` for each key of a map, which reads or skips the value. */
  map(read: (key: string) => void): void {
    this.#skipTags();
    this.#items(this.#head(major.map, 'a map'), () => read(this.text()));
  }

  /** Calls `read` for each item of an array, which reads or skips it. */
  array(read: () => void): void {
    this.#skipTags();
    this.#items(this.#head(major.array, 'an array'), read);
  }

  text(): string {
    this.#skipTags();
    const bytes = this.#take(this.#head(major.text, 'a text'));
    try {
      return decodeUtf8(bytes);
    } catch {
      throw new SyncError('bad_frame', 'a text is not UTF-8');
    }
  }

  /** A view into the frame. */
  bytes(): Uint8Array {
    this.#skipTags();
    return this.#take(this.#head(major.bytes, 'bytes'));
  }

  /** Of any notation: stock clients write the time as a float. */
  number(): number {
    this.#skipTags();
    const initial = this.#peek();
    if (initial >> 5 === major.uint) return this.#head(major.uint, 'a number');
    this.#at++;
    const at = this.#at;
    if (initial === 0xfb) {
      this.#take(8);
      return this.#view.getFloat64(at);
    }
    if (initial === 0xfa) {
      this.#take(4);
      return this.#view.getFloat32(at);
    }
    throw new SyncError('bad_frame', 'a number is missing');
  }

  /** Whether the value is null or undefined, which are as good as absent; it is skipped then. */
  isNothing(): boolean {
    const initial = this.#peek();
    if (initial !== 0xf6 && initial !== 0xf7) return false;
    this.#at++;
    return true;
  }

  isArray(): boolean {
    this.#skipTags();
    return this.#peek() >> 5 === major.array;
  }

  skip(depth = 0): void {
    if (depth > maxDepth) throw new SyncError('bad_frame', 'it is nested too deep');
    this.#skipTags();
    const initial = this.#peek();
    const kind = initial >> 5;
    if (kind === major.simple) return this.#skipSimple(initial & 31);
    if ((kind === major.bytes || kind === major.text) && (initial & 31) === indefinite)
      throw new SyncError('bad_frame', 'a text comes in parts');
    const count = this.#head(kind, 'a value');
    if (kind === major.bytes || kind === major.text) this.#take(count);
    if (kind === major.array) this.#items(count, () => this.skip(depth + 1));
    if (kind === major.map) {
      this.#items(count, () => {
        this.skip(depth + 1);
        this.skip(depth + 1);
      });
    }
  }

  #items(count: number, read: () => void): void {
    if (count === Infinity) {
      while (this.#peek() !== breakByte) read();
      this.#at++;
    } else for (let item = 0; item < count; item++) read();
  }

  #skipTags(): void {
    while (this.#peek() >> 5 === major.tag) this.#head(major.tag, 'a tag');
  }

  #skipSimple(info: number): void {
    this.#at++;
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
    if (info === indefinite && (kind === major.array || kind === major.map)) return Infinity;
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
