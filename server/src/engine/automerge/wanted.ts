// Of what is stored of a document, the changes that somebody wants.
import { viewOf } from '@syncline/shared/automerge/chunk-reader.ts';
import { bundle } from './bundle.ts';
import { parseChanges } from './change.ts';
import { beginsWithDocument } from './document-chunk.ts';
import { HashTable } from './hash-table.ts';

/** What a change costs by itself; in a whole document it is a few bytes. */
const bytesOfChange = 100;

export interface Wanted {
  readonly hashes: readonly Uint8Array[];
  /** Whether a whole document may be given in the place of changes that are in it. */
  readonly takesDocument: boolean;
}

/** Whether a document is to be given as it is: nothing has to be built for that, and so many of its changes would be more bytes. */
export function isGivenWhole({ hashes, takesDocument }: Wanted, document: Uint8Array): boolean {
  return takesDocument && hashes.length * bytesOfChange >= document.length;
}

/** Those of the wanted changes that are in these pieces. `pickFrom` gives those that are in a document which is not given whole. */
export function pickWanted(
  wanted: Wanted,
  pieces: readonly Uint8Array[],
  pickFrom: (document: Uint8Array, hashes: readonly Uint8Array[]) => readonly Uint8Array[],
): readonly Uint8Array[] {
  const table = new HashTable(0, wanted.hashes.length);
  for (const hash of wanted.hashes) if (table.indexOf(hash) === undefined) table.push(hash);
  const isWanted = (hash: Uint8Array): boolean => table.indexOf(hash) !== undefined;
  const picked: Uint8Array[] = [];
  for (const piece of pieces) {
    if (!beginsWithDocument(piece)) picked.push(...pickChanges(piece, isWanted));
    else if (isGivenWhole(wanted, piece)) picked.push(piece);
    else picked.push(...pickFrom(piece, wanted.hashes));
  }
  return bundle(picked);
}

function pickChanges(update: Uint8Array, isWanted: (hash: Uint8Array) => boolean): Uint8Array[] {
  return parseChanges(update)
    .filter(({ hash }) => isWanted(hash))
    .map(({ start, end }) => viewOf(update, start, end));
}
