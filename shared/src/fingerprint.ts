// What a client and a server compare to see whether they hold the same of a Yjs document: a hash of the state vector and
// one of the deletions. Not keyed, since a client must be able to make it: who can write to a document could make two
// holders of different content look the same, and gains nothing that deleting the content would not give.

/** A clock range list: sorted, disjoint, non-adjacent, flat: [start, end, start, end, …]. */
export type ClockRanges = readonly number[];

/** 8 bytes; the same for the same deletions in whatever order the clients come. Eight zeros for none. */
export function hashDeletions(
  clients: Iterable<readonly [client: number, deleted: ClockRanges]>,
): Uint8Array {
  const sum = new UnorderedSum();
  for (const [client, clocks] of clients) if (clocks.length > 0) sum.add(client, clocks);
  return sum.bytes();
}

/** 16 bytes: the hash of the clocks that are held from 0 on, then that of the deletions. */
export function fingerprint(
  clocks: Iterable<readonly [client: number, end: number]>,
  deletions: Uint8Array,
): Uint8Array {
  const sum = new UnorderedSum();
  for (const [client, end] of clocks) if (end > 0) sum.add(client, [end]);
  const bytes = new Uint8Array(16);
  bytes.set(sum.bytes());
  bytes.set(deletions, 8);
  return bytes;
}

/** The hashes of all clients are added up, so that their order does not count. */
class UnorderedSum {
  #low = 0;
  #high = 0;

  add(client: number, numbers: readonly number[]): void {
    let low = mix(0x9e3779b9, client);
    let high = mix(0x3c6ef372, client);
    for (const number of numbers) {
      low = mix(low, number);
      high = mix(high ^ low, number);
    }
    this.#low = (this.#low + finish(low)) | 0;
    this.#high = (this.#high + finish(high)) | 0;
  }

  /** Little-endian. */
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
