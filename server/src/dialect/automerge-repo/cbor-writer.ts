// Writes maps of texts, bytes and numbers in CBOR, byte for byte as stock clients' encoder does.
import { encodeUtf8 } from 'lib0/string';

export type CborValue =
  string | number | boolean | undefined | Uint8Array | { readonly [key: string]: CborValue };

const major = { uint: 0, bytes: 2, text: 3 } as const;

export function encodeCbor(value: CborValue): Uint8Array {
  return joined(parts(value));
}

/**
 * A map that ends with bytes, up to them: of the frames about one document all but the bytes is the same, and they may be
 * large.
 */
export class FrameHead {
  readonly #head: Uint8Array;

  /** `key` is that of the bytes. */
  constructor(map: { readonly [key: string]: CborValue }, key: string) {
    const entries = Object.entries(map);
    this.#head = joined([mapHead(entries.length + 1), ...entries.flatMap(entryParts), ...parts(key)]);
  }

  /** A frame with place for so many bytes at its end. */
  before(length: number): Uint8Array {
    const bytesHead = head(major.bytes, length);
    const start = this.#head.length + bytesHead.length;
    const frame = new Uint8Array(start + length);
    frame.set(this.#head);
    frame.set(bytesHead, this.#head.length);
    return frame;
  }
}

function parts(value: CborValue): Uint8Array[] {
  if (value === undefined) return [Uint8Array.of(0xf7)];
  if (typeof value === 'boolean') return [Uint8Array.of(value ? 0xf5 : 0xf4)];
  if (typeof value === 'number') return [number(value)];
  if (typeof value === 'string') {
    const text = encodeUtf8(value);
    return [head(major.text, text.length), text];
  }
  if (value instanceof Uint8Array) return [head(major.bytes, value.length), value];
  const entries = Object.entries(value);
  return [mapHead(entries.length), ...entries.flatMap(entryParts)];
}

function entryParts([key, value]: [string, CborValue]): Uint8Array[] {
  return [...parts(key), ...parts(value)];
}

/** The stock encoder leaves room for 65,535 entries in any map. */
function mapHead(entries: number): Uint8Array {
  return Uint8Array.of(0xb9, entries >> 8, entries & 0xff);
}

function number(value: number): Uint8Array {
  if (Number.isInteger(value) && value >= 0 && value < 2 ** 32) return head(major.uint, value);
  const bytes = new Uint8Array(9);
  bytes[0] = 0xfb;
  new DataView(bytes.buffer).setFloat64(1, value);
  return bytes;
}

function head(kind: number, argument: number): Uint8Array {
  const initial = kind << 5;
  if (argument < 24) return Uint8Array.of(initial | argument);
  if (argument < 0x100) return Uint8Array.of(initial | 24, argument);
  if (argument < 0x10000) return Uint8Array.of(initial | 25, argument >> 8, argument & 0xff);
  const bytes = new Uint8Array(5);
  bytes[0] = initial | 26;
  new DataView(bytes.buffer).setUint32(1, argument);
  return bytes;
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  let size = 0;
  for (const { length } of pieces) size += length;
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}
