// Hashes that are added up, so that their order does not count: what fingerprints are made of. Quick, and not keyed.

export class UnorderedSum {
  #low = 0;
  #high = 0;

  /** Adds the hash of a list of numbers of up to 53 bits, under a first one. */
  add(first: number, numbers: readonly number[]): void {
    let low = mix(0x9e3779b9, first);
    let high = mix(0x3c6ef372, first);
    for (const number of numbers) {
      low = mix(low, number);
      high = mix(high ^ low, number);
    }
    this.#low = (this.#low + finish(low)) | 0;
    this.#high = (this.#high + finish(high)) | 0;
  }

  /** 8, little-endian. */
  bytes(): Uint8Array {
    const bytes = new Uint8Array(8);
    const view = new DataView(bytes.buffer);
    view.setInt32(0, this.#low, true);
    view.setInt32(4, this.#high, true);
    return bytes;
  }
}

/** The step of MurmurHash3, once for each half of a number of up to 53 bits. */
function mix(hash: number, number: number): number {
  return mixWord(mixWord(hash, number | 0), (number / 2 ** 32) | 0);
}

function mixWord(hash: number, word: number): number {
  let bits = Math.imul(word, 0xcc9e2d51);
  bits = (bits << 15) | (bits >>> 17);
  let mixed = hash ^ Math.imul(bits, 0x1b873593);
  mixed = (mixed << 13) | (mixed >>> 19);
  return (Math.imul(mixed, 5) + 0xe6546b64) | 0;
}

/** Its last step, after which every bit of the input has a say in every bit. */
function finish(hash: number): number {
  let mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
