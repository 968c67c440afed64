// Reads a whole value of JSON, or bytes, from CBOR. What others write with more than that, tags and bigints and floats of any size, is
// read; what cannot be a value here throws.
import { SyncError } from '../error.ts';
import { majorOf } from './major.ts';
import { CborReader } from './reader.ts';

/** Values in values: as deep as anybody's data, and far from overflowing a stack. */
const maxDepth = 200;

/** Throws `bad_frame`. Bytes in the value are copies. */
export function decodeCbor(bytes: Uint8Array): unknown {
  const reader = new CborReader(bytes);
  const value = readValue(reader, 0);
  if (!reader.isAtEnd) throw new SyncError('bad_frame', 'there are bytes after the value');
  return value;
}

function readValue(reader: CborReader, depth: number): unknown {
  if (depth > maxDepth) throw new SyncError('bad_frame', 'it is nested too deep');
  switch (reader.kind) {
    case majorOf.bytes:
      return reader.bytes().slice();
    case majorOf.text:
      return reader.text();
    case majorOf.array: {
      const items: unknown[] = [];
      reader.array(() => items.push(readValue(reader, depth + 1)));
      return items;
    }
    case majorOf.map: {
      const entries: [string, unknown][] = [];
      reader.entries(() => {
        const key = String(readValue(reader, depth + 1));
        entries.push([key, readValue(reader, depth + 1)]);
      });
      // Keys that others choose: of a plain object, and none of them its prototype.
      return Object.fromEntries(entries);
    }
    case majorOf.simple:
      return reader.isFloat() ? reader.number() : reader.simple();
    default:
      return reader.number();
  }
}
