// The chunks of which Automerge's bytes consist, as far as one has to look into them to know whether they have been taken in: Automerge
// itself says nothing of those that it leaves out.
import { SyncError } from '@syncline/shared';
import {
  changeType,
  checkSum,
  type Chunk as Frame,
  deflatedType,
  documentType,
  hashBytes,
  hashedFrom,
  readChunk,
} from '@syncline/shared/automerge/chunk.ts';
import { ChunkReader, viewOf } from '@syncline/shared/automerge/chunk-reader.ts';
import { digest } from 'lib0/hash/sha256';

export type Chunk =
  /** Has been taken in when these heads are known. */
  | { readonly kind: 'document'; readonly bytes: Uint8Array; readonly heads: readonly string[] }
  /** When its hash is, and waits where what it depends on is not. */
  | {
      readonly kind: 'change';
      readonly bytes: Uint8Array;
      readonly hash: string;
      readonly deps: readonly string[];
    }
  /** Cannot be looked into without inflating it. */
  | { readonly kind: 'deflated'; readonly bytes: Uint8Array };

/** Throws `malformed_update` where something is no chunk, is cut short, or is a change that was altered on its way. */
export function readChunks(bytes: Uint8Array): readonly Chunk[] {
  const chunks: Chunk[] = [];
  const reader = new ChunkReader(bytes);
  while (!reader.isDone) chunks.push(lookInto(bytes, readChunk(reader)));
  return chunks;
}

function lookInto(all: Uint8Array, { type, start, end, bodyStart }: Frame): Chunk {
  const bytes = viewOf(all, start, end);
  const body = new ChunkReader(all, bodyStart, end);
  switch (type) {
    case documentType:
      return { kind: 'document', bytes, heads: headsIn(body) };
    case changeType: {
      const hash = digest(bytes.subarray(hashedFrom));
      checkSum(bytes, 0, hash);
      return { kind: 'change', bytes, hash: toHex(hash), deps: hashesIn(body) };
    }
    case deflatedType:
      return { kind: 'deflated', bytes };
    default:
      throw new SyncError('malformed_update', `chunks of type ${type} are unknown`);
  }
}

/** After its actors. */
function headsIn(document: ChunkReader): readonly string[] {
  for (let actors = document.uint(); actors > 0; actors--) document.skip(document.uint());
  return hashesIn(document);
}

function hashesIn(reader: ChunkReader): readonly string[] {
  const hashes: string[] = [];
  for (let count = reader.uint(); count > 0; count--) hashes.push(toHex(reader.take(hashBytes)));
  return hashes;
}

const hexOf = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

export function toHex(bytes: Uint8Array): string {
  let hex = '';
  for (const byte of bytes) hex += hexOf[byte]!;
  return hex;
}

export function fromHex(hex: string): Uint8Array {
  const bytes = new Uint8Array(hex.length / 2);
  for (let at = 0; at < bytes.length; at++) bytes[at] = Number.parseInt(hex.slice(2 * at, 2 * at + 2), 16);
  return bytes;
}

export function concatenated(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
