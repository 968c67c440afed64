// What a client and a server compare to see whether they hold the same of an Automerge document: a hash of its heads, which say what
// is before them.
import { UnorderedSum } from './unordered-sum.ts';

/** 16 bytes; the same for the same heads, hashes of 32 bytes, in whatever order they come. Zeros for none. */
export function headsFingerprint(heads: Iterable<Uint8Array>): Uint8Array {
  const first = new UnorderedSum();
  const second = new UnorderedSum();
  for (const head of heads) {
    const words = wordsOf(head);
    first.add(1, words);
    second.add(2, words);
  }
  const bytes = new Uint8Array(16);
  bytes.set(first.bytes());
  bytes.set(second.bytes(), 8);
  return bytes;
}

/** Little-endian numbers of 32 bits. */
function wordsOf(hash: Uint8Array): number[] {
  const view = new DataView(hash.buffer, hash.byteOffset, hash.byteLength);
  return Array.from({ length: hash.byteLength / 4 }, (_, word) => view.getUint32(word * 4, true));
}
