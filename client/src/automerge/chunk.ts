// The chunks of which Automerge's bytes consist, as far as one has to look into them to know whether they have been taken in: Automerge
// itself says nothing of those that it leaves out.
import { digest } from 'lib0/hash/sha256';

/** A document as a whole, a change, and a change that is deflated. */
const typeOf = { document: 0, change: 1, deflated: 2 } as const;
const magic = [0x85, 0x6f, 0x4a, 0x83];
const [checksumAt, typeAt, lengthAt] = [4, 8, 9];
const hashBytes = 32;

export type Chunk =
  /** Has been taken in when these heads are known. */
  | { readonly kind: 'document'; readonly bytes: Uint8Array; readonly heads: readonly string[] }
  /** When its hash is, and waits where what it depends on is not. */
  | {
      readonly kind: 'change';
      readonly bytes: Uint8Array;
      readonly hash: string;
      readonly deps: readonly string[];
    }
  /** Cannot be looked into without inflating it. */
  | { readonly kind: 'deflated'; readonly bytes: Uint8Array };

/** Throws an Error where something is no chunk, is cut short, or is a change that was altered on its way. */
export function readChunks(bytes: Uint8Array): readonly Chunk[] {
  const chunks: Chunk[] = [];
  for (let at = 0; at < bytes.length;) {
    const chunk = readChunk(bytes.subarray(at));
    chunks.push(chunk);
    at += chunk.bytes.length;
  }
  return chunks;
}

function readChunk(rest: Uint8Array): Chunk {
  if (magic.some((byte, at) => rest[at] !== byte)) throw new Error('what came is not of Automerge');
  const reader = new Reader(rest, lengthAt);
  const bodyBytes = reader.number();
  const end = reader.at + bodyBytes;
  if (end > rest.length) throw new Error('what came is cut short');
  const bytes = rest.subarray(0, end);
  const type = bytes[typeAt];
  if (type === typeOf.document) return { kind: 'document', bytes, heads: headsOf(reader) };
  if (type === typeOf.change) return { kind: 'change', bytes, hash: hashOf(bytes), deps: reader.hashes() };
  if (type === typeOf.deflated) return { kind: 'deflated', bytes };
  throw new Error(`chunks of type ${type} are unknown`);
}

/** After its actors. */
function headsOf(reader: Reader): readonly string[] {
  for (let actors = reader.number(); actors > 0; actors--) {
    const actorBytes = reader.number();
    reader.at += actorBytes;
  }
  return reader.hashes();
}

/** The hash of a change begins with its checksum. */
function hashOf(bytes: Uint8Array): string {
  const hash = digest(bytes.subarray(typeAt));
  for (let at = 0; at < typeAt - checksumAt; at++) {
    if (hash[at] !== bytes[checksumAt + at]) throw new Error('what came has been altered');
  }
  return toHex(hash);
}

class Reader {
  at: number;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.at = at;
  }

  /** LEB128. */
  number(): number {
    let number = 0;
    for (let factor = 1; factor < 2 ** 53; factor *= 2 ** 7) {
      const byte = this.#bytes[this.at++];
      if (byte === undefined) break;
      number += (byte & 0x7f) * factor;
      if (byte < 0x80) return number;
    }
    throw new Error('what came is cut short');
  }

  hashes(): readonly string[] {
    const hashes: string[] = [];
    for (let count = this.number(); count > 0; count--) {
      const end = this.at + hashBytes;
      if (end > this.#bytes.length) throw new Error('what came is cut short');
      hashes.push(toHex(this.#bytes.subarray(this.at, end)));
      this.at = end;
    }
    return hashes;
  }
}

const hexOf = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

export function toHex(bytes: Uint8Array): string {
  let hex = '';
  for (const byte of bytes) hex += hexOf[byte]!;
  return hex;
}

export function fromHex(hex: string): Uint8Array {
  const bytes = new Uint8Array(hex.length / 2);
  for (let at = 0; at < bytes.length; at++) bytes[at] = Number.parseInt(hex.slice(2 * at, 2 * at + 2), 16);
  return bytes;
}

export function concatenated(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
