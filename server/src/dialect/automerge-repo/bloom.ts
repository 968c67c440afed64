// Automerge's Bloom filters: which changes a peer says it has, with about one false positive in a hundred.
import { SyncError } from '@syncline/shared';
import { createDecoder, hasContent, readVarUint } from 'lib0/decoding';
import { sizeOfUint, writeUint } from './leb128.ts';

const bitsPerEntry = 10;
const probes = 7;

/** What somebody else may choose: each probe is work for every change that is looked up. */
const maxProbes = 16;

export class BloomFilter {
  readonly #entries: number;
  readonly #probes: number;
  readonly #bits: Uint8Array;
  readonly #bitsPerEntry: number;

  private constructor(entries: number, perEntry: number, probeCount: number, bits: Uint8Array) {
    this.#entries = entries;
    this.#bitsPerEntry = perEntry;
    this.#probes = probeCount;
    this.#bits = bits;
  }

  static readonly none = BloomFilter.of([]);

  static of(hashes: readonly Uint8Array[]): BloomFilter {
    const bits = new Uint8Array(bytesFor(hashes.length, bitsPerEntry));
    const filter = new BloomFilter(hashes.length, bitsPerEntry, probes, bits);
    for (const hash of hashes) filter.#add(hash);
    return filter;
  }

  /** Keeps a copy. Throws `bad_frame`. */
  static decode(bytes: Uint8Array): BloomFilter {
    if (bytes.length === 0) return BloomFilter.none;
    const decoder = createDecoder(bytes);
    const entries = readVarUint(decoder);
    const perEntry = readVarUint(decoder);
    const probeCount = readVarUint(decoder);
    const length = bytesFor(entries, perEntry);
    if (entries === 0) return BloomFilter.none;
    if (
      probeCount === 0 ||
      probeCount > maxProbes ||
      length === 0 ||
      length > bytes.length - decoder.pos ||
      !hasContent(decoder)
    )
      throw new SyncError('bad_frame', 'a Bloom filter is not as long as it says');
    return new BloomFilter(entries, perEntry, probeCount, bytes.slice(decoder.pos, decoder.pos + length));
  }

  /** How many changes it is of. */
  get entries(): number {
    return this.#entries;
  }

  get isEmpty(): boolean {
    return this.#entries === 0;
  }

  has(hash: Uint8Array): boolean {
    if (this.isEmpty) return false;
    return this.#everyProbe(hash, (byte, mask) => (this.#bits[byte]! & mask) !== 0);
  }

  /** Of its bytes; none for a filter of nothing. */
  get size(): number {
    if (this.isEmpty) return 0;
    const numbers = sizeOfUint(this.#entries) + sizeOfUint(this.#bitsPerEntry) + sizeOfUint(this.#probes);
    return numbers + this.#bits.length;
  }

  /** Writes `size` bytes; gives where what comes behind them begins. */
  write(bytes: Uint8Array, start: number): number {
    if (this.isEmpty) return start;
    let at = start;
    for (const number of [this.#entries, this.#bitsPerEntry, this.#probes]) at = writeUint(bytes, at, number);
    bytes.set(this.#bits, at);
    return at + this.#bits.length;
  }

  #add(hash: Uint8Array): void {
    this.#everyProbe(hash, (byte, mask) => {
      this.#bits[byte]! |= mask;
      return true;
    });
  }

  /** Three numbers out of the hash's first twelve bytes give all probes. */
  #everyProbe(hash: Uint8Array, probe: (byte: number, mask: number) => boolean): boolean {
    const modulo = this.#bits.length * 8;
    let x = wordAt(hash, 0) % modulo;
    let y = wordAt(hash, 4) % modulo;
    const z = wordAt(hash, 8) % modulo;
    for (let left = this.#probes; left > 0; left--) {
      if (!probe(x >>> 3, 1 << (x & 7))) return false;
      x = (x + y) % modulo;
      y = (y + z) % modulo;
    }
    return true;
  }
}

function bytesFor(entries: number, perEntry: number): number {
  return Math.ceil((entries * perEntry) / 8);
}

/** Little-endian. */
function wordAt(bytes: Uint8Array, at: number): number {
  return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;
}
