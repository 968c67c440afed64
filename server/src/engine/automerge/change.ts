// What a change says of itself before its operations: who made it, which one of theirs it is, and what it builds on.
import { hashBytes, readChunk } from '@syncline/shared/automerge/chunk.ts';
import { ByteReader } from './byte-reader.ts';
import { type ChangeBody, Inflation, openChange } from './chunk.ts';
import { malformed } from './malformed.ts';

/** Automerge keeps numbers of operations and of changes in 32 bits. */
export const maxCounter = 2 ** 32 - 1;
/** Automerge draws 16 bytes; an application may take a key of its own for one. */
export const maxActorBytes = 256;

/** A change in an update. */
export interface ParsedChange {
  /** 32 bytes. */
  readonly hash: Uint8Array;
  /** Hashes of what it builds on; views of the update. */
  readonly deps: readonly Uint8Array[];
  /** In hexadecimal digits. */
  readonly actor: string;
  /** Which one of its actor's changes it is, from 1 on. */
  readonly seq: number;
  /** The number of its first operation. */
  readonly startOp: number;
  /** The number of its last operation, one less than `startOp` if it has none; not known where the operations were not read. */
  readonly maxOp?: number;
  /** Of its chunk in the update. */
  readonly start: number;
  readonly end: number;
}

/** A change whose operations follow in the reader. */
export interface OpenedChange {
  readonly header: ParsedChange;
  readonly reader: ByteReader;
}

/** Headers and checksums only. Throws `malformed_update`, or `update_too_costly` for what inflates to too much. */
export function parseChanges(update: Uint8Array): readonly ParsedChange[] {
  return Array.from(openChanges(update), ({ header }) => header);
}

/** As `parseChanges`, one after another. */
export function* openChanges(
  update: Uint8Array,
  inflation = new Inflation(update.length),
): Generator<OpenedChange> {
  const chunks = new ByteReader(update);
  if (chunks.isDone) throw malformed('it is empty');
  while (!chunks.isDone) {
    const chunk = readChunk(chunks);
    const body = openChange(update, chunk, inflation);
    yield { header: readHeader(body, chunk.start, chunk.end), reader: body.reader };
  }
}

function readHeader({ hash, reader }: ChangeBody, start: number, end: number): ParsedChange {
  const deps: Uint8Array[] = [];
  for (let count = reader.uint(); count > 0; count--) deps.push(reader.take(hashBytes));
  const actor = readActor(reader);
  const seq = counter(reader);
  const startOp = counter(reader);
  return { hash, deps, actor, seq, startOp, start, end };
}

/** In hexadecimal digits. */
export function readActor(reader: ByteReader): string {
  const length = reader.uint();
  if (length > maxActorBytes) throw malformed(`an actor has more than ${maxActorBytes} bytes`);
  const { buffer, byteOffset } = reader.take(length);
  return Buffer.from(buffer, byteOffset, length).toString('hex');
}

/** From 1 on. */
function counter(reader: ByteReader): number {
  const number = reader.uint();
  if (number === 0 || number > maxCounter) throw malformed('a number is out of range');
  return number;
}
