// A change graph as it is stored with a snapshot, so that nothing has to be built to open a document.
//
//   format, how many changes, orphans and actors there are, and how many numbers of operations are left out
//   for each change its hash; for each orphan its hash
//   for each change how many it builds on, how far back each of them is, and by how much its last operation is after theirs
//   for each orphan how many it builds on, their hashes, its actor, its number, and its first and last operation
//   for each actor its bytes, and of its newest change the number and the index
import { createEncoder, type Encoder, toUint8Array, writeUint8Array, writeVarUint } from 'lib0/encoding';
import { createDecoder, type Decoder, hasContent, readUint8Array, readVarUint } from 'lib0/decoding';
import { hashBytes } from '@syncline/shared/automerge/chunk.ts';
import type { Ancestry } from './ancestry.ts';
import { HashTable, type TableSeed } from './hash-table.ts';
import type { Orphan } from './orphans.ts';

const format = 1;

/** The newest change of an actor: which one of its changes that is, and where it is. */
export interface Latest {
  readonly seq: number;
  readonly index: number;
}

/** What a graph consists of. */
export interface GraphParts {
  readonly ancestry: Ancestry;
  readonly orphans: Iterable<Orphan>;
  readonly actors: Iterable<readonly [actor: string, latest: Latest]>;
  readonly unusedNumbers: number;
}

export function encodeGraph(parts: GraphParts): Uint8Array {
  const { ancestry } = parts;
  const orphans = [...parts.orphans];
  const actors = [...parts.actors];
  const encoder = createEncoder();
  writeAll(encoder, [format, ancestry.size, orphans.length, actors.length, parts.unusedNumbers]);
  writeUint8Array(encoder, ancestry.hashes);
  for (const { hash } of orphans) writeUint8Array(encoder, hash);
  for (let index = 0; index < ancestry.size; index++) {
    const deps = ancestry.depsOf(index);
    writeVarUint(encoder, deps.length);
    for (const dep of deps) writeVarUint(encoder, index - dep);
    writeVarUint(encoder, ancestry.maxOpOf(index) - ancestry.maxOpOfAll(deps));
  }
  for (const { deps, actor, seq, startOp, maxOp } of orphans) {
    writeVarUint(encoder, deps.length);
    for (const dep of deps) writeUint8Array(encoder, dep);
    writeActor(encoder, actor);
    writeAll(encoder, [seq, startOp, maxOp]);
  }
  for (const [actor, { seq, index }] of actors) {
    writeActor(encoder, actor);
    writeAll(encoder, [seq, index]);
  }
  return toUint8Array(encoder);
}

/** `sink` is told how many changes come, and gives what takes them. Throws for bytes that are no encoded graph. */
export function decodeGraph(
  bytes: Uint8Array,
  sink: (
    count: number,
    unusedNumbers: number,
  ) => {
    readonly change: (hash: Uint8Array, deps: readonly number[], laterBy: number) => void;
    readonly orphan: (orphan: Orphan) => void;
    readonly actor: (actor: string, latest: Latest) => void;
  },
): void {
  const { decoder, count, orphanCount, actorCount, unusedNumbers, hashes } = readHashes(bytes);
  const { change, orphan, actor } = sink(count, unusedNumbers);
  const hashAt = (index: number) => hashes.subarray(index * hashBytes, (index + 1) * hashBytes);
  for (let index = 0; index < count; index++) {
    const deps: number[] = [];
    for (let left = readVarUint(decoder); left > 0; left--) {
      const distance = readVarUint(decoder);
      if (distance === 0 || distance > index) throw new Error('a stored change builds on one after it');
      deps.push(index - distance);
    }
    change(hashAt(index), deps, readVarUint(decoder));
  }
  for (let index = count; index < count + orphanCount; index++) {
    const deps: Uint8Array[] = [];
    for (let left = readVarUint(decoder); left > 0; left--) deps.push(readUint8Array(decoder, hashBytes));
    const [by, seq, startOp, maxOp] = [readActor(decoder), ...readNumbers(decoder, 3)] as const;
    orphan({ hash: hashAt(index), deps, actor: by, seq: seq!, startOp: startOp!, maxOp: maxOp! });
  }
  for (let left = actorCount; left > 0; left--) {
    const [by, seq, index] = [readActor(decoder), ...readNumbers(decoder, 2)] as const;
    if (index! >= count) throw new Error('a stored actor has no change');
    actor(by, { seq: seq!, index: index! });
  }
  if (hasContent(decoder)) throw new Error('a stored graph has bytes to spare');
}

/** Whether one of these hashes is in an encoded graph, be it an orphan's. */
export function holdsSome(bytes: Uint8Array, wanted: readonly Uint8Array[], seed: TableSeed): boolean {
  const table = new HashTable(seed, wanted.length);
  for (const hash of wanted) if (table.indexOf(hash) === undefined) table.push(hash);
  const { hashes } = readHashes(bytes);
  for (let at = 0; at < hashes.length; at += hashBytes)
    if (table.indexOf(hashes.subarray(at, at + hashBytes)) !== undefined) return true;
  return false;
}

/** How many changes an encoded graph has, orphans included. */
export function countOf(bytes: Uint8Array): number {
  const { count, orphanCount } = readHashes(bytes);
  return count + orphanCount;
}

function readHashes(bytes: Uint8Array) {
  const decoder = createDecoder(bytes);
  const [is, count, orphanCount, actorCount, unusedNumbers] = readNumbers(decoder, 5);
  if (is !== format) throw new Error('a stored graph has a format that is not known');
  const hashes = readUint8Array(decoder, (count! + orphanCount!) * hashBytes);
  if (hashes.length !== (count! + orphanCount!) * hashBytes) throw new Error('a stored graph is cut off');
  return {
    decoder,
    count: count!,
    orphanCount: orphanCount!,
    actorCount: actorCount!,
    unusedNumbers: unusedNumbers!,
    hashes,
  };
}

function writeAll(encoder: Encoder, numbers: readonly number[]): void {
  for (const number of numbers) writeVarUint(encoder, number);
}

function readNumbers(decoder: Decoder, count: number): number[] {
  return Array.from({ length: count }, () => readVarUint(decoder));
}

function writeActor(encoder: Encoder, actor: string): void {
  const bytes = Buffer.from(actor, 'hex');
  writeVarUint(encoder, bytes.length);
  writeUint8Array(encoder, bytes);
}

function readActor(decoder: Decoder): string {
  return Buffer.from(readUint8Array(decoder, readVarUint(decoder))).toString('hex');
}
