// The digest of a change graph: a keyed sum over its heads and over the hashes of its orphans. The heads say everything that is before
// them, so that it depends on what is held and on nothing else.
import { LaneSum } from '../../digest/lane-sum.ts';
import { type Lanes, SipHash } from '../../digest/siphash.ts';

export type HashKind = 0 | 1;
export const headKind: HashKind = 0;
export const orphanKind: HashKind = 1;

/** Hashes changes under the key of a cluster; one for all graphs of an engine. */
export class ChangeHash {
  /** For tables of hashes, which nobody may foresee. */
  readonly seed: number;
  readonly #sip: SipHash;
  readonly #words = new Int32Array(10);
  readonly #lanes: Lanes = new Uint32Array(4);

  /** `key` is 16 bytes. */
  constructor(key: Uint8Array) {
    this.#sip = new SipHash(key);
    this.#sip.hash(new Int32Array(2), this.#lanes);
    this.seed = this.#lanes[0]! | 0;
  }

  /** Valid until the next call. */
  of(hash: Uint8Array, kind: HashKind): Lanes {
    const words = this.#words;
    for (let word = 0, at = 0; word < 8; word++, at += 4)
      words[word] = hash[at]! | (hash[at + 1]! << 8) | (hash[at + 2]! << 16) | (hash[at + 3]! << 24);
    words[8] = kind;
    this.#sip.hash(words, this.#lanes);
    return this.#lanes;
  }
}

export class GraphDigest {
  readonly #hash: ChangeHash;
  readonly #sum = new LaneSum();

  constructor(hash: ChangeHash) {
    this.#hash = hash;
  }

  add(hash: Uint8Array, kind: HashKind): void {
    this.#sum.add(this.#hash.of(hash, kind));
  }

  remove(hash: Uint8Array, kind: HashKind): void {
    this.#sum.subtract(this.#hash.of(hash, kind));
  }

  bytes(): Uint8Array {
    return this.#sum.bytes();
  }
}
