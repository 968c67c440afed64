// Chunks that hold a whole document: how a snapshot is stored, and how somebody may bring a document that has none here yet.
import { documentType, hashedFrom } from '@syncline/shared/automerge/chunk.ts';

/** Whether some bytes begin with a whole document. */
export function beginsWithDocument(bytes: Uint8Array): boolean {
  return bytes[hashedFrom] === documentType;
}
