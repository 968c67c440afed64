// Reads a whole document, which Automerge alone can: in a task.
import { viewOf } from '@syncline/shared/automerge/chunk-reader.ts';
import { checkSum, hashBytes, hashedFrom, readChunk } from '@syncline/shared/automerge/chunk.ts';
import { ByteReader } from './byte-reader.ts';
import { readActor } from './change.ts';
import { checkUpdate } from './check.ts';
import { hashOf } from './chunk.ts';
import { LiveDocument } from './live-document.ts';
import { malformed } from './malformed.ts';
import type { AutomergeSummary } from './summary.ts';

/**
 * As `checkUpdate`, for an update that begins with a whole document: all of its changes, as chunks of their own. Builds the document.
 */
export function expandDocument(update: Uint8Array): AutomergeSummary {
  const chunks = new ByteReader(update);
  const { start, end, bodyStart } = readChunk(chunks);
  checkSum(update, start, hashOf(viewOf(update, start + hashedFrom, end)));
  const heads = readHeads(new ByteReader(update, bodyStart, end));
  const expanded = Buffer.concat([...changesOf(viewOf(update, start, end), heads), update.subarray(end)]);
  return { ...(expanded.length > 0 ? checkUpdate(expanded) : { changes: [] }), expanded };
}

function changesOf(document: Uint8Array, heads: string): readonly Uint8Array[] {
  try {
    using live = LiveDocument.of([document], []);
    // Automerge is silent about some of what it cannot read.
    if (live.heads.join() === heads) return live.changes();
  } catch {
    // Whatever it throws says the same of the bytes.
  }
  throw malformed('a whole document cannot be read');
}

/** Hashes in hexadecimal digits, sorted. */
function readHeads(reader: ByteReader): string {
  for (let actors = reader.uint(); actors > 0; actors--) readActor(reader);
  const heads: string[] = [];
  for (let left = reader.uint(); left > 0; left--)
    heads.push(Buffer.from(reader.take(hashBytes)).toString('hex'));
  return heads.toSorted().join();
}
