// What a client and a server compare to see whether they hold the same of a Yjs document: a hash of the state vector and
// one of the deletions. Not keyed, since a client must be able to make it: who can write to a document could make two
// holders of different content look the same, and gains nothing that deleting the content would not give.

import { UnorderedSum } from './unordered-sum.ts';

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
