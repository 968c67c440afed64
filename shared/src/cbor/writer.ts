// Writes values of JSON, and bytes, in CBOR: byte for byte as the encoder of automerge-repo's clients does.
import { encodeUtf8 } from 'lib0/string';
import { majorOf } from './major.ts';

/** Values in values: as deep as anybody's data, and far from overflowing a stack. */
const maxDepth = 200;

/** Throws a TypeError for a function, a symbol, a bigint and a value that contains itself. */
export function encodeCbor(value: unknown): Uint8Array {
  const writer = new CborWriter();
  writer.value(value);
  return writer.written();
}

export class CborWriter {
  #buffer = new Uint8Array(64);
  #at = 0;

  /** A copy of what was written. */
  written(): Uint8Array {
    return this.#buffer.slice(0, this.#at);
  }

  /** Throws a TypeError. */
  value(value: unknown, depth = 0): void {
    if (depth > maxDepth) throw new TypeError('it is too deep, or contains itself');
    switch (typeof value) {
      case 'undefined':
        return this.#byte(0xf7);
      case 'boolean':
        return this.#byte(value ? 0xf5 : 0xf4);
      case 'number':
        return this.#number(value);
      case 'string':
        return this.#sized(majorOf.text, encodeUtf8(value));
      case 'object':
        return this.#object(value, depth);
      case 'bigint':
      case 'function':
      case 'symbol':
        throw new TypeError(`a ${typeof value} cannot be sent`);
    }
  }

  /** So many keys and values follow. Stock clients leave room for 65,535 in any map. */
  mapHead(entries: number): void {
    if (entries >= 2 ** 16) return this.#head(majorOf.map, entries);
    const view = this.#room(3);
    view.setUint8(0, (majorOf.map << 5) | 25);
    view.setUint16(1, entries);
  }

  /** So many bytes follow. */
  bytesHead(length: number): void {
    this.#head(majorOf.bytes, length);
  }

  #object(value: object | null, depth: number): void {
    if (value === null) return this.#byte(0xf6);
    if (value instanceof Uint8Array) return this.#sized(majorOf.bytes, value);
    if (Array.isArray(value)) {
      this.#head(majorOf.array, value.length);
      for (const each of value) this.value(each, depth + 1);
      return;
    }
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype !== Object.prototype && prototype !== null)
      throw new TypeError('what is neither a plain object, an array nor bytes cannot be sent');
    const entries = Object.entries(value);
    this.mapHead(entries.length);
    for (const [key, each] of entries) {
      this.value(key, depth + 1);
      this.value(each, depth + 1);
    }
  }

  #number(value: number): void {
    // Integers of eight bytes others read as bigints.
    const number = value < 0 ? -1 - value : value;
    if (Number.isInteger(value) && number < 2 ** 32 && !Object.is(value, -0))
      return this.#head(value < 0 ? majorOf.negative : majorOf.uint, number);
    const view = this.#room(9);
    view.setUint8(0, 0xfb);
    view.setFloat64(1, value);
  }

  #sized(major: number, bytes: Uint8Array): void {
    this.#head(major, bytes.length);
    this.#room(bytes.length);
    this.#buffer.set(bytes, this.#at - bytes.length);
  }

  /** The kind, and a number of at most 32 bits in as few bytes as hold it. */
  #head(major: number, number: number): void {
    const first = major << 5;
    if (number < 24) return this.#byte(first | number);
    if (number < 2 ** 8) {
      this.#byte(first | 24);
      return this.#byte(number);
    }
    const isShort = number < 2 ** 16;
    const view = this.#room(isShort ? 3 : 5);
    view.setUint8(0, first | (isShort ? 25 : 26));
    if (isShort) view.setUint16(1, number);
    else view.setUint32(1, number);
  }

  #byte(byte: number): void {
    this.#room(1).setUint8(0, byte);
  }

  /** A view of the next so many bytes. */
  #room(length: number): DataView {
    const end = this.#at + length;
    if (end > this.#buffer.length) {
      const grown = new Uint8Array(Math.max(end, 2 * this.#buffer.length));
      grown.set(this.#buffer);
      this.#buffer = grown;
    }
    const view = new DataView(this.#buffer.buffer, this.#at, length);
    this.#at = end;
    return view;
  }
}
