// CBOR (RFC 8949) as far as values of JSON, and bytes, need it. What others write with more than that, tags and bigints and floats
// of any size, is read; what cannot be a value here throws.
const majorOf = { uint: 0, negative: 1, bytes: 2, text: 3, array: 4, map: 5, tag: 6, simple: 7 } as const;

/** Values in values: as deep as anybody's data, and far from overflowing a stack. */
const maxDepth = 200;

/** Throws a TypeError for a function, a symbol, a bigint and a value that contains itself. */
export function encodeCbor(value: unknown): Uint8Array {
  const writer = new CborWriter();
  writer.value(value, 0);
  return writer.bytes();
}

/** Throws a TypeError. Bytes in the value are copies. */
export function decodeCbor(bytes: Uint8Array): unknown {
  const reader = new CborReader(bytes);
  const value = reader.value(0);
  if (!reader.isAtEnd) throw new TypeError('there are bytes after the value');
  return value;
}

class CborWriter {
  #buffer = new Uint8Array(64);
  #at = 0;

  bytes(): Uint8Array {
    return this.#buffer.slice(0, this.#at);
  }

  value(value: unknown, depth: number): void {
    if (depth > maxDepth) throw new TypeError('it is too deep, or contains itself');
    switch (typeof value) {
      case 'undefined':
        return this.#byte(0xf7);
      case 'boolean':
        return this.#byte(value ? 0xf5 : 0xf4);
      case 'number':
        return this.#number(value);
      case 'string':
        return this.#sized(majorOf.text, new TextEncoder().encode(value));
      case 'object':
        return this.#object(value, depth);
      case 'bigint':
      case 'function':
      case 'symbol':
        throw new TypeError(`a ${typeof value} cannot be sent`);
    }
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
    this.#head(majorOf.map, entries.length);
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

  /** The major type, and a number of at most 32 bits in as few bytes as hold it. */
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

class CborReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  value(depth: number): unknown {
    if (depth > maxDepth) throw new TypeError('it is too deep');
    const first = this.#view.getUint8(this.#skip(1));
    const [major, info] = [first >> 5, first & 31];
    if (major === majorOf.simple) return this.#simple(info);
    const number = this.#number(info);
    switch (major) {
      case majorOf.uint:
        return number;
      case majorOf.negative:
        return -1 - number;
      case majorOf.bytes:
        return new Uint8Array(this.#take(number));
      case majorOf.text:
        return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(this.#take(number));
      case majorOf.array:
        return Array.from(this.#times(number), () => this.value(depth + 1));
      case majorOf.map:
        return this.#map(number, depth);
      default:
        // A tag says more of the value behind it than is asked for here.
        return this.value(depth + 1);
    }
  }

  #map(count: number, depth: number): unknown {
    const entries: [string, unknown][] = [];
    for (const _ of this.#times(count)) entries.push([String(this.value(depth + 1)), this.value(depth + 1)]);
    // Keys that others choose: of a plain object, and none of them its prototype.
    return Object.fromEntries(entries);
  }

  /** Grows with what is read, and not with what is claimed. */
  *#times(count: number): Generator<void> {
    if (count > this.#bytes.length - this.#at) throw new TypeError('it claims more than there is');
    for (let each = 0; each < count; each++) yield;
  }

  #simple(info: number): unknown {
    switch (info) {
      case 20:
        return false;
      case 21:
        return true;
      case 22:
        return null;
      case 23:
        return undefined;
      case 25:
        return halfFloat(this.#view.getUint16(this.#skip(2)));
      case 26:
        return this.#view.getFloat32(this.#skip(4));
      case 27:
        return this.#view.getFloat64(this.#skip(8));
      default:
        throw new TypeError('it is no value');
    }
  }

  #number(info: number): number {
    if (info < 24) return info;
    switch (info) {
      case 24:
        return this.#view.getUint8(this.#skip(1));
      case 25:
        return this.#view.getUint16(this.#skip(2));
      case 26:
        return this.#view.getUint32(this.#skip(4));
      case 27:
        return Number(this.#view.getBigUint64(this.#skip(8)));
      default:
        throw new TypeError('a length that comes at the end is not read');
    }
  }

  #take(length: number): Uint8Array {
    const at = this.#skip(length);
    return this.#bytes.subarray(at, at + length);
  }

  #skip(length: number): number {
    const at = this.#at;
    if (length > this.#bytes.length - at) throw new TypeError('it ends too early');
    this.#at = at + length;
    return at;
  }
}

function halfFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const [exponent, fraction] = [(bits >> 10) & 31, bits & 1023];
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
}
