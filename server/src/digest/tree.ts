// The digest tree: what all documents are, in 65,536 leaves, 256 branches and a root. A node is the sum, lane by lane modulo
// 2^32, of a keyed hash of each document below it, and their number; so a change costs the hashes of one document, and a
// document that is counted twice by mistake does not cancel itself out.
import { encodeUtf8 } from 'lib0/string';
import { type Lanes, SipHash } from './siphash.ts';

/** What the tree knows of a document. */
export interface Leaflet {
  readonly name: string;
  /** 16 bytes. Of no meaning for a document that is deleted. */
  readonly digest: Uint8Array;
  readonly incarnation: number;
  readonly isDeleted: boolean;
}

export const branchCount = 256;
const leavesOfBranch = 256;
export const leafCount = branchCount * leavesOfBranch;

/** Four lanes and the number of documents, each 32 bits, little-endian. */
export const sumBytes = 20;
const lanesOfSum = sumBytes / 4;

/** Not keyed: where a document stands is the same for all and never changes, only the sums are secret. */
const placing = new SipHash(new Uint8Array(16));

/** From 0 to 65,535. */
export function leafOf(name: string): number {
  const lanes = new Uint32Array(4);
  placing.hash(wordsOf(encodeUtf8(name), []), lanes);
  return lanes[0]! >>> 16;
}

/** Leaves, branches and the root: how far a leaf's number is shifted to give that of the node above it. */
const levels = [0, 8, 16] as const;

export class DigestTree {
  readonly #hash: SipHash;
  /** Of each level, so that the root costs as little as a leaf. */
  readonly #sums = levels.map((shift) => new Uint32Array((leafCount >>> shift) * lanesOfSum));
  readonly #lanes: Lanes = new Uint32Array(4);

  /** `key` is 16 bytes, and the same on all replicas that compare their trees. */
  constructor(key: Uint8Array) {
    this.#hash = new SipHash(key);
  }

  add(document: Leaflet): void {
    this.#count(document, 1);
  }

  /** Takes out what `add` was given. */
  remove(document: Leaflet): void {
    this.#count(document, -1);
  }

  /** The root, all branches, or the leaves of one branch; `sumBytes` each. */
  sums(of: 'root' | 'branches' | number): Uint8Array {
    const [leaves, branches, root] = this.#sums;
    if (of === 'root') return encoded(root!);
    if (of === 'branches') return encoded(branches!);
    const lanes = leavesOfBranch * lanesOfSum;
    return encoded(leaves!.subarray(of * lanes, (of + 1) * lanes));
  }

  #count({ name, digest, incarnation, isDeleted }: Leaflet, sign: 1 | -1): void {
    const words = [incarnation, isDeleted ? 1 : 0];
    const view = new DataView(digest.buffer, digest.byteOffset, 16);
    for (let at = 0; at < 16; at += 4) words.push(isDeleted ? 0 : view.getInt32(at, true));
    this.#hash.hash(wordsOf(encodeUtf8(name), words), this.#lanes);
    const leaf = leafOf(name);
    levels.forEach((shift, level) => {
      const sums = this.#sums[level]!;
      const start = (leaf >>> shift) * lanesOfSum;
      for (let lane = 0; lane < 4; lane++) sums[start + lane]! += sign * this.#lanes[lane]!;
      sums[start + 4]! += sign;
    });
  }
}

function encoded(lanes: Uint32Array): Uint8Array {
  const bytes = new Uint8Array(lanes.length * 4);
  const view = new DataView(bytes.buffer);
  lanes.forEach((lane, index) => view.setUint32(index * 4, lane, true));
  return bytes;
}

/** Names have no byte 0, so that what they are filled up with cannot be part of one. */
function wordsOf(name: Uint8Array, before: readonly number[]): Int32Array {
  const length = before.length + Math.ceil(name.length / 8) * 2;
  const words = new Int32Array(length);
  words.set(before);
  name.forEach((byte, index) => {
    words[before.length + (index >>> 2)]! |= byte << ((index & 3) * 8);
  });
  return words;
}
