// A document from its rows.
import type { KeptDocument, KeptSummary, ReadAfter } from '../local/store.ts';
import { entriesBehind, type Transaction, unsavedOf } from './schema.ts';

export async function readDocument(
  transaction: Transaction<'readonly'>,
  document: string,
  after: ReadAfter | undefined,
): Promise<KeptDocument | undefined> {
  const read = after?.through ?? -1;
  // All at once: an answer takes a way between processes. What a snapshot replaces is not there any more.
  const [row, bytes, entries, unsaved] = await Promise.all([
    transaction.objectStore('documents').get(document),
    after ? undefined : transaction.objectStore('snapshots').get(document),
    transaction.objectStore('entries').getAll(entriesBehind(document, read)),
    transaction.objectStore('unsaved').getAll(unsavedOf(document)),
  ]);
  if (!row || (after && after.life !== row.life)) return undefined;
  const { engine, life, snapshot, through, tail, mark } = row;
  const isNewer = after && snapshot !== undefined && snapshot.through > read;
  const newer = isNewer ? await transaction.objectStore('snapshots').get(document) : bytes;
  return { engine, life, updates: [...(newer ?? []), ...entries], through, tail, mark, unsaved };
}

export async function listDocuments(transaction: Transaction<'readonly'>): Promise<readonly KeptSummary[]> {
  const documents = transaction.objectStore('documents');
  const [names, rows, unsaved] = await Promise.all([
    documents.getAllKeys(),
    documents.getAll(),
    transaction.objectStore('unsaved').getAllKeys(),
  ]);
  const unsavedNames = new Set(unsaved.map(([document]) => document));
  return names.map((document, index) => ({
    document,
    engine: rows[index]!.engine,
    isUnsaved: unsavedNames.has(document),
  }));
}
