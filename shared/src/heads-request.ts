// What the holder of an Automerge document says that it has: its heads, and a few of the changes before them, ever further apart. A
// holder of other changes finds among them one that both have, and sends what comes after it.
import { SyncError } from './error.ts';

/** Tells this form from what else may be in its place. */
export const headsForm = 1;

const hashBytes = 32;

/** Hashes of 32 bytes. */
export interface HeldHeads {
  readonly heads: readonly Uint8Array[];
  /** Of changes before the heads. */
  readonly samples: readonly Uint8Array[];
}

/** The indexes of samples among so many changes, of which each comes after those that it builds on: the newest first. */
export function sampleIndexes(count: number): number[] {
  const indexes: number[] = [];
  for (let distance = 1; distance < count; distance *= 2) indexes.push(count - 1 - distance);
  return indexes;
}

export function encodeHeadsRequest({ heads, samples }: HeldHeads): Uint8Array {
  const counts = [headsForm, ...varUint(heads.length), ...varUint(samples.length)];
  const bytes = new Uint8Array(counts.length + (heads.length + samples.length) * hashBytes);
  bytes.set(counts);
  let at = counts.length;
  for (const hash of [...heads, ...samples]) {
    bytes.set(hash, at);
    at += hashBytes;
  }
  return bytes;
}

/** The hashes are copies. Throws `bad_frame`. */
export function decodeHeadsRequest(bytes: Uint8Array): HeldHeads {
  if (bytes[0] !== headsForm) throw unreadable();
  let at = 1;
  const count = (): number => {
    let number = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = bytes[at++] ?? 0;
      number |= (byte & 0x7f) << shift;
      if (byte < 0x80) return number;
    }
    throw unreadable();
  };
  const headCount = count();
  const sampleCount = count();
  if (bytes.length !== at + (headCount + sampleCount) * hashBytes) throw unreadable();
  const hashes = (length: number): Uint8Array[] =>
    Array.from({ length }, () => bytes.slice(at, (at += hashBytes)));
  return { heads: hashes(headCount), samples: hashes(sampleCount) };
}

function varUint(number: number): number[] {
  const bytes: number[] = [];
  let rest = number;
  for (; rest >= 0x80; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  return [...bytes, rest];
}

function unreadable(): SyncError {
  return new SyncError('bad_frame', 'its heads cannot be read');
}
