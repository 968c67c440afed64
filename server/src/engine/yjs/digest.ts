// The digest of a held set: a sum, modulo 2^128, over its ranges of H(client, kind, end) − H(client, kind, start).
// Adjacent ranges telescope, so the sum depends on what is held alone, and costs only the ranges of an update.
import { LaneSum } from '../../digest/lane-sum.ts';
import { type Lanes, SipHash } from '../../digest/siphash.ts';

/** What a range says of its clocks. */
export type RangeKind = 0 | 1;
export const heldKind: RangeKind = 0;
export const deletedKind: RangeKind = 1;

// The end of one keystroke is the start of the next: remembering boundaries halves the hashing of typed text.
// 1,024 slots are one page of typists and 40 KB.
const slots = 1_024;

export class BoundaryHash {
  readonly #sip: SipHash;
  readonly #words = new Int32Array(6);
  readonly #clients = new Float64Array(slots).fill(-1);
  readonly #clocks = new Float64Array(slots);
  readonly #lanes: Lanes[] = [];

  /** `key` is 16 bytes, the cluster's. */
  constructor(key: Uint8Array) {
    this.#sip = new SipHash(key);
    for (let slot = 0; slot < slots; slot++) this.#lanes.push(new Uint32Array(4));
  }

  /** The hash of a boundary. Valid until the next call. */
  of(client: number, kind: RangeKind, clock: number): Lanes {
    const tagged = clock * 2 + kind;
    const slot = (Math.imul(client | 0, 0x9e3779b1) ^ Math.imul(tagged | 0, 0x85ebca6b)) & (slots - 1);
    const lanes = this.#lanes[slot]!;
    if (this.#clients[slot] === client && this.#clocks[slot] === tagged) return lanes;
    const words = this.#words;
    words[0] = client | 0;
    words[1] = (client / 2 ** 32) | 0;
    words[2] = clock | 0;
    words[3] = (clock / 2 ** 32) | 0;
    words[4] = kind;
    words[5] = 0;
    this.#sip.hash(words, lanes);
    this.#clients[slot] = client;
    this.#clocks[slot] = tagged;
    return lanes;
  }
}

/** A number modulo 2^128 that boundaries are added to and taken from. */
export class DigestSum {
  readonly #sum = new LaneSum();
  readonly #hash: BoundaryHash;
  // The newest range is hashed when something else follows it: keystrokes of one commit grow it, and are hashed once.
  #newestClient = 0;
  #newestKind: RangeKind = heldKind;
  #newestStart = 0;
  #newestEnd = 0;

  constructor(hash: BoundaryHash) {
    this.#hash = hash;
  }

  add(client: number, kind: RangeKind, start: number, end: number): void {
    if (start !== this.#newestEnd || client !== this.#newestClient || kind !== this.#newestKind) {
      this.#flush();
      this.#newestClient = client;
      this.#newestKind = kind;
      this.#newestStart = start;
    }
    this.#newestEnd = end;
  }

  remove(client: number, kind: RangeKind, start: number, end: number): void {
    this.#sum.subtract(this.#hash.of(client, kind, end));
    this.#sum.add(this.#hash.of(client, kind, start));
  }

  bytes(): Uint8Array {
    this.#flush();
    return this.#sum.bytes();
  }

  #flush(): void {
    if (this.#newestStart === this.#newestEnd) return;
    this.#sum.subtract(this.#hash.of(this.#newestClient, this.#newestKind, this.#newestStart));
    this.#sum.add(this.#hash.of(this.#newestClient, this.#newestKind, this.#newestEnd));
    this.#newestStart = this.#newestEnd;
  }
}
