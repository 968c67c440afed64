// The entry of the writer thread: opens the store, says so, then answers each request in turn.
import { parentPort, workerData } from 'node:worker_threads';
import Database from 'better-sqlite3';
import type { Replacement } from '../port/journal.ts';
import { type Durability, openStore, StoreRefused } from './open.ts';
import { type Batch, type BatchCommitted, type Identity, Writer } from './writer.ts';

export interface WriterSettings {
  readonly folder: string;
  readonly durability: Durability;
}

export type WriteRequest =
  | { readonly kind: 'commit'; readonly batch: Batch }
  | { readonly kind: 'replace'; readonly replacement: Replacement }
  | { readonly kind: 'costly'; readonly document: number }
  | { readonly kind: 'close' };

export type WriteAnswer =
  | { readonly kind: 'opened'; readonly identity: Identity }
  | { readonly kind: 'refused'; readonly sentence: string }
  | { readonly kind: 'done'; readonly committed?: BatchCommitted }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string };

const port = parentPort!;
const { folder, durability } = workerData as WriterSettings;

try {
  const { database, lock } = openStore(folder, durability);
  const writer = new Writer(database);
  post({ kind: 'opened', identity: writer.begin() });
  port.on('message', (request: WriteRequest) => {
    post(answer(request));
    if (request.kind === 'close') {
      database.close();
      lock.close();
      port.close();
    }
  });
  const answer = (request: WriteRequest): WriteAnswer => {
    try {
      switch (request.kind) {
        case 'commit':
          return { kind: 'done', committed: writer.commit(request.batch) };
        case 'replace':
          writer.replace(request.replacement);
          return { kind: 'done' };
        case 'costly':
          writer.markCostly(request.document);
          return { kind: 'done' };
        case 'close':
          return { kind: 'done' };
      }
    } catch (error) {
      const code = error instanceof Database.SqliteError ? error.code : '';
      return { kind: 'failed', code, message: error instanceof Error ? error.message : String(error) };
    }
  };
} catch (error) {
  post({
    kind: 'refused',
    sentence: error instanceof StoreRefused ? error.message : `The store cannot be opened: ${String(error)}.`,
  });
}

function post(message: WriteAnswer): void {
  port.postMessage(message);
}
