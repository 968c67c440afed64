// Automerge's sync messages: what a peer has, what it needs, and changes for the other side.
import { SyncError } from '@syncline/shared';
import {
  createDecoder,
  type Decoder,
  hasContent,
  readUint8,
  readUint8Array,
  readVarUint,
  readVarUint8Array,
} from 'lib0/decoding';
import { BloomFilter } from './bloom.ts';
import { sizeOfUint, writeUint } from './leb128.ts';

/** The SHA-256 of a change, which is its name. */
export type Hash = Uint8Array;

export const hashBytes = 32;

const version1 = 0x42;
const version2 = 0x43;

/** Behind the message: how clients say that they know the second version, and a byte of flags. */
const legacyFlag = 0x02;
const flagsMarker = 0x80;
const flag = { reset: 1, readOnly: 2, supportsReset: 4 } as const;
/** What a sender says of itself: that it takes whole documents, or that it takes nothing. The second says the first as well. */
const trailers = {
  none: new Uint8Array(0),
  'takes documents': trailer(flag.supportsReset),
  'takes nothing': trailer(flag.supportsReset | flag.readOnly),
};

/** Concurrent lines of history: more than anybody has, and few enough to be looked up. */
const maxHeads = 10_000;
/** A filter gives one false positive in a hundred, each of which is asked for. */
const maxNeeds = 100_000;
/** Stock clients say one, and each is work for every change. */
const maxHaves = 4;

export interface Have {
  /** What both sides had when they last agreed. */
  readonly lastSync: readonly Hash[];
  /** What the sender has beyond that. */
  readonly bloom: BloomFilter;
}

export interface SyncMessage {
  readonly heads: readonly Hash[];
  readonly need: readonly Hash[];
  readonly have: readonly Have[];
  /** Views into the message; each one or more chunks. */
  readonly changes: readonly Uint8Array[];
  /** Undefined from a peer of the first version. */
  readonly flags: SyncFlags | undefined;
}

export interface SyncFlags {
  /** The sender has forgotten what it was sent. */
  readonly isReset: boolean;
  /** The sender takes no changes. */
  readonly isReadOnly: boolean;
}

/** Throws `bad_frame`. */
export function decodeSyncMessage(bytes: Uint8Array): SyncMessage {
  try {
    return read(createDecoder(bytes));
  } catch (error) {
    // Whatever the decoder throws says that the message ends too early.
    throw error instanceof SyncError ? error : new SyncError('bad_frame', 'a sync message ends too early');
  }
}

function read(decoder: Decoder): SyncMessage {
  const version = readUint8(decoder);
  if (version !== version1 && version !== version2)
    throw new SyncError('bad_frame', 'a sync message is of no known version');
  const heads = readHashes(decoder, maxHeads);
  const need = readHashes(decoder, maxNeeds);
  const have = readList(decoder, maxHaves, () => ({
    lastSync: readHashes(decoder, maxHeads),
    bloom: BloomFilter.decode(readVarUint8Array(decoder)),
  }));
  // Each takes a byte at least, so that no more can be announced than there are.
  const changes = readList(decoder, Infinity, () => readVarUint8Array(decoder));
  const flags = hasContent(decoder) ? readFlags(readVarUint8Array(decoder)) : undefined;
  return { heads, need, have, changes, flags };
}

function readFlags(bytes: Uint8Array): SyncFlags {
  let flags = 0;
  for (const byte of bytes) if (byte & flagsMarker) flags |= byte;
  return { isReset: (flags & flag.reset) !== 0, isReadOnly: (flags & flag.readOnly) !== 0 };
}

/** Copies, since they are kept. */
function readHashes(decoder: Decoder, most: number): Hash[] {
  return readList(decoder, most, () => readUint8Array(decoder, hashBytes).slice());
}

function readList<Item>(decoder: Decoder, most: number, readItem: () => Item): Item[] {
  const items: Item[] = [];
  let count = readVarUint(decoder);
  if (count > most) throw new SyncError('bad_frame', `a sync message lists more than ${most}`);
  for (; count > 0; count--) items.push(readItem());
  return items;
}

/** What is said here. */
export interface Said {
  readonly heads: readonly Hash[];
  readonly need: readonly Hash[];
  readonly have: readonly Have[];
  readonly changes: readonly Uint8Array[];
  /** Whether the peer reads the second version, in which many chunks are one. */
  readonly isVersion2: boolean;
  readonly trailer: keyof typeof trailers;
}

export function encodeSyncMessage(said: Said): Uint8Array {
  const bytes = new Uint8Array(sizeOfSyncMessage(said));
  writeSyncMessage(said, bytes, 0);
  return bytes;
}

export function sizeOfSyncMessage({ heads, need, have, changes, isVersion2, trailer: said }: Said): number {
  let size = 1 + sizeOfHashes(heads) + sizeOfHashes(need) + sizeOfUint(have.length);
  for (const { lastSync, bloom } of have)
    size += sizeOfHashes(lastSync) + sizeOfUint(bloom.size) + bloom.size;
  if (isVersion2) size += changes.length > 0 ? 1 + sizeOfUint(bytesOf(changes)) : 1;
  else {
    size += sizeOfUint(changes.length);
    for (const { length } of changes) size += sizeOfUint(length);
  }
  return size + bytesOf(changes) + trailers[said].length;
}

/** Writes `sizeOfSyncMessage` bytes: messages go out all the time, and may be large. */
export function writeSyncMessage(said: Said, bytes: Uint8Array, start: number): void {
  const writer = new Writer(bytes, start);
  writer.byte(said.isVersion2 ? version2 : version1);
  writer.hashes(said.heads);
  writer.hashes(said.need);
  writer.uint(said.have.length);
  for (const { lastSync, bloom } of said.have) {
    writer.hashes(lastSync);
    writer.uint(bloom.size);
    writer.at = bloom.write(bytes, writer.at);
  }
  if (said.isVersion2) writer.joined(said.changes);
  else writer.each(said.changes);
  writer.bytes(trailers[said.trailer]);
}

/** Its length, the mark of the second version, the flags. */
function trailer(flags: number): Uint8Array {
  return Uint8Array.of(2, legacyFlag, flagsMarker | flags);
}

class Writer {
  readonly #bytes: Uint8Array;
  at: number;

  constructor(bytes: Uint8Array, start: number) {
    this.#bytes = bytes;
    this.at = start;
  }

  byte(byte: number): void {
    this.#bytes[this.at++] = byte;
  }

  uint(number: number): void {
    this.at = writeUint(this.#bytes, this.at, number);
  }

  bytes(bytes: Uint8Array): void {
    this.#bytes.set(bytes, this.at);
    this.at += bytes.length;
  }

  /** In the order in which the protocol wants them. */
  hashes(hashes: readonly Hash[]): void {
    this.uint(hashes.length);
    for (const hash of sorted(hashes)) this.bytes(hash);
  }

  each(changes: readonly Uint8Array[]): void {
    this.uint(changes.length);
    for (const change of changes) {
      this.uint(change.length);
      this.bytes(change);
    }
  }

  joined(changes: readonly Uint8Array[]): void {
    if (changes.length === 0) return this.byte(0);
    this.byte(1);
    this.uint(bytesOf(changes));
    for (const change of changes) this.bytes(change);
  }
}

function sizeOfHashes({ length }: readonly Hash[]): number {
  return sizeOfUint(length) + length * hashBytes;
}

function bytesOf(pieces: readonly Uint8Array[]): number {
  let bytes = 0;
  for (const { length } of pieces) bytes += length;
  return bytes;
}

function sorted(hashes: readonly Hash[]): readonly Hash[] {
  return hashes.length < 2 ? hashes : hashes.toSorted(compareHashes);
}

export function compareHashes(a: Hash, b: Hash): number {
  for (let at = 0; at < hashBytes; at++) {
    const difference = a[at]! - b[at]!;
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Of lists in the same order. */
export function areSameHashes(a: readonly Hash[], b: readonly Hash[]): boolean {
  return a.length === b.length && a.every((hash, at) => compareHashes(hash, b[at]!) === 0);
}
