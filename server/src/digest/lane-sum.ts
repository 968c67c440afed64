// A number modulo 2^128 that hashes are added to and taken from: the same for the same hashes, whatever their order.
import type { Lanes } from './siphash.ts';

export class LaneSum {
  readonly #lanes = new Uint32Array(4);

  add(term: Lanes): void {
    let carry = 0;
    for (let lane = 0; lane < 4; lane++) {
      const sum = this.#lanes[lane]! + term[lane]! + carry;
      this.#lanes[lane] = sum;
      carry = sum > 0xffffffff ? 1 : 0;
    }
  }

  subtract(term: Lanes): void {
    let borrow = 0;
    for (let lane = 0; lane < 4; lane++) {
      const difference = this.#lanes[lane]! - term[lane]! - borrow;
      this.#lanes[lane] = difference;
      borrow = difference < 0 ? 1 : 0;
    }
  }

  /** 16, little-endian. */
  bytes(): Uint8Array {
    const bytes = new Uint8Array(16);
    const view = new DataView(bytes.buffer);
    for (let lane = 0; lane < 4; lane++) view.setUint32(lane * 4, this.#lanes[lane]!, true);
    return bytes;
  }
}
