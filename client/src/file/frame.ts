// The bytes of the file: a header, and frames that follow each other. A frame is what one commit wrote: contents, and the changes that
// say what they are. Its checksums begin with the file's salt and its own place, so that nothing that was copied is taken for a frame.
import { crc32 } from 'node:zlib';
import { LocalStoreError } from '../local/store.ts';
import type { Change, Piece } from './change.ts';

const formatVersion = 1;
const mark = Buffer.from('syncline');

/** Mark, version, salt, checksum of these. */
export const headerBytes = 24;
/** Length of the contents, length of the changes, checksum of both, checksum of these and of salt and place. */
export const frameHeaderBytes = 16;
/** Of contents, or of changes; a read of Node takes no more. */
const maxBytes = 2 ** 31 - 1;

export interface FrameHeader {
  readonly contentBytes: number;
  readonly changeBytes: number;
  readonly checksum: number;
}

export function encodeHeader(salt: Buffer): Buffer {
  const header = Buffer.alloc(headerBytes);
  mark.copy(header);
  header.writeUInt32LE(formatVersion, 8);
  salt.copy(header, 12);
  header.writeUInt32LE(crc32(header.subarray(0, 20)), 20);
  return header;
}

/** Gives the salt. */
export function decodeHeader(header: Buffer): Buffer {
  const isWhole = header.length === headerBytes && header.subarray(0, 8).equals(mark);
  if (!isWhole || crc32(header.subarray(0, 20)) !== header.readUInt32LE(20))
    throw new LocalStoreError('damaged', 'The file is no store of Syncline, or its header is damaged.');
  const version = header.readUInt32LE(8);
  if (version > formatVersion)
    throw new LocalStoreError(
      'newer',
      `The file is of format ${version}; this version knows ${formatVersion}.`,
    );
  return Buffer.from(header.subarray(12, 20));
}

/** Undefined if there is none at this place. */
export function decodeFrameHeader(bytes: Buffer, salt: Buffer, place: number): FrameHeader | undefined {
  if (bytes.length < frameHeaderBytes) return undefined;
  const [contentBytes, changeBytes] = [bytes.readUInt32LE(0), bytes.readUInt32LE(4)];
  const isPossible = changeBytes > 0 && contentBytes <= maxBytes && changeBytes <= maxBytes;
  if (!isPossible || headerChecksum(bytes, salt, place) !== bytes.readUInt32LE(12)) return undefined;
  return { contentBytes, changeBytes, checksum: bytes.readUInt32LE(8) };
}

/** A frame that is being put together, for this place in the file. */
export class Frame {
  readonly #salt: Buffer;
  readonly #place: number;
  readonly #contents: Uint8Array[] = [];
  readonly #changes: Change[] = [];
  #contentBytes = 0;

  constructor(salt: Buffer, place: number) {
    this.#salt = salt;
    this.#place = place;
  }

  get isEmpty(): boolean {
    return this.#changes.length === 0;
  }

  /** Gives where it will be. */
  content(bytes: Uint8Array): Piece {
    const offset = this.#place + frameHeaderBytes + this.#contentBytes;
    this.#contents.push(bytes);
    this.#contentBytes += bytes.length;
    return { offset, length: bytes.length, checksum: crc32(bytes) };
  }

  /** What is in it was added as content before, in the order in which it is named. */
  change(change: Change): void {
    this.#changes.push(change);
  }

  encode(): Buffer {
    const changes = Buffer.from(JSON.stringify(this.#changes));
    if (this.#contentBytes > maxBytes || changes.length > maxBytes)
      throw new LocalStoreError('failed', 'This is too much for one write.');
    const header = Buffer.alloc(frameHeaderBytes);
    const frame = Buffer.concat([header, ...this.#contents, changes]);
    frame.writeUInt32LE(this.#contentBytes, 0);
    frame.writeUInt32LE(changes.length, 4);
    frame.writeUInt32LE(crc32(frame.subarray(frameHeaderBytes)), 8);
    frame.writeUInt32LE(headerChecksum(frame, this.#salt, this.#place), 12);
    return frame;
  }
}

function headerChecksum(header: Buffer, salt: Buffer, place: number): number {
  const at = Buffer.alloc(8);
  at.writeDoubleLE(place);
  return crc32(header.subarray(0, 12), crc32(at, crc32(salt)));
}
