// The frame of a chunk of Automerge: magic bytes, a checksum, a type, a length. What is in the frame of a change may be deflated; its hash
// is always that of the inflated form.
import { SyncError } from '../error.ts';
import type { ChunkReader } from './chunk-reader.ts';

/** What a whole document is, a change, a deflated change, and several changes in common columns. */
export const documentType = 0;
export const changeType = 1;
export const deflatedType = 2;
export const bundleType = 3;

/** Magic, checksum and type. */
const headBytes = 9;
const checksumAt = 4;
/** The hash of a chunk covers everything after this much: its type comes first. */
export const hashedFrom = 8;
export const hashBytes = 32;

export interface Chunk {
  readonly type: number;
  /** Of the whole chunk in the bytes that it was read from. */
  readonly start: number;
  readonly end: number;
  /** Where what is in the frame begins. */
  readonly bodyStart: number;
}

/** Reads frames one after another. Throws `malformed_update`. */
export function readChunk(reader: ChunkReader): Chunk {
  const start = reader.at;
  const { bytes } = reader;
  reader.skip(headBytes);
  if (
    bytes[start] !== 0x85 ||
    bytes[start + 1] !== 0x6f ||
    bytes[start + 2] !== 0x4a ||
    bytes[start + 3] !== 0x83
  )
    throw new SyncError('malformed_update', 'it is no chunk of Automerge');
  const length = reader.uint();
  const bodyStart = reader.skip(length);
  return { type: bytes[start + hashedFrom]!, start, end: reader.at, bodyStart };
}

/** Throws `malformed_update` where a chunk that begins at `start` has not the checksum of its hash. */
export function checkSum(bytes: Uint8Array, start: number, hash: Uint8Array): void {
  for (let at = checksumAt; at < hashedFrom; at++) {
    if (bytes[start + at] !== hash[at - checksumAt])
      throw new SyncError('malformed_update', 'a chunk does not match its checksum');
  }
}
