// What lies in the database, read without a line of the server: after the process has ended, from a copy, so that nothing
// here can mend what it left behind.
import { copyFileSync, existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import Database from 'better-sqlite3';
import { createDecoder, hasContent, readVarUint8Array } from 'lib0/decoding';
import * as Y from 'yjs';
import { temporaryFolder } from './server.ts';

export function databaseFile(data: string): string {
  return join(data, 'syncline.sqlite');
}

/** The updates of a document: the chunks of its snapshot, then those of each entry of its log. */
export function storedUpdates(data: string, document: string): Uint8Array[] {
  using folder = temporaryFolder();
  const path = databaseFile(data);
  for (const file of [path, `${path}-wal`]) {
    if (existsSync(file)) copyFileSync(file, join(folder.path, basename(file)));
  }
  const database = new Database(join(folder.path, basename(path)), { fileMustExist: true });
  try {
    const select = (sql: string): Uint8Array[] =>
      database.prepare<[string], Uint8Array>(sql).pluck().all(document);
    const id = '(SELECT id FROM document WHERE name = ?)';
    const chunks = select(`SELECT data FROM snapshot WHERE document = ${id} AND part > 0 ORDER BY part`);
    const entries = select(`SELECT data FROM log WHERE document = ${id} ORDER BY sequence`);
    return [...chunks, ...entries.flatMap(updatesOf)];
  } finally {
    database.close();
  }
}

export function storedDocument(data: string, document: string): Y.Doc {
  const doc = new Y.Doc();
  doc.transact(() => {
    for (const update of storedUpdates(data, document)) Y.applyUpdate(doc, update);
  });
  return doc;
}

/** Whether everything that the updates hold, deletions included, is in the document. */
export function containsAll(doc: Y.Doc, updates: readonly Uint8Array[]): boolean {
  const snapshot = Y.snapshot(doc);
  return updates.every((update) => Y.snapshotContainsUpdate(snapshot, update));
}

/** An entry is, for each of its updates, the length as LEB128 and the bytes. */
function updatesOf(entry: Uint8Array): Uint8Array[] {
  const updates: Uint8Array[] = [];
  const decoder = createDecoder(entry);
  while (hasContent(decoder)) updates.push(readVarUint8Array(decoder));
  return updates;
}
