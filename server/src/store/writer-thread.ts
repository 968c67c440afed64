// The entry of the writer thread: opens the store, says so, then answers each request in turn.
import { setImmediate } from 'node:timers';
import { parentPort, workerData } from 'node:worker_threads';
import Database from 'better-sqlite3';
import type { Replacement, Restoration, TreeSums } from '../port/journal.ts';
import type { Batch } from './batch.ts';
import type { Identity } from './identity.ts';
import type { Epoch } from './lineage.ts';
import { type Durability, openStore, StoreRefused } from './open.ts';
import { Upkeep } from './upkeep.ts';
import { type BatchCommitted, type Digests, Writer } from './writer.ts';

export interface WriterSettings {
  readonly folder: string;
  readonly durability: Durability;
  /** 16 bytes, for a file that is new; drawn if none are given. */
  readonly digestKey?: Uint8Array | undefined;
}

export type WriteRequest =
  | { readonly kind: 'commit'; readonly batch: Batch }
  | { readonly kind: 'replace'; readonly replacement: Replacement }
  | { readonly kind: 'restore'; readonly restoration: Restoration }
  | { readonly kind: 'costly'; readonly document: number }
  | { readonly kind: 'epoch' }
  | { readonly kind: 'sums'; readonly of: 'root' | 'branches' | number }
  | { readonly kind: 'rekey'; readonly key: Uint8Array; readonly digests: Digests }
  | { readonly kind: 'close' };

/** What each kind of request is answered with when it is done. */
export interface Written {
  readonly commit: BatchCommitted;
  readonly replace: number | undefined;
  readonly restore: number;
  readonly costly: void;
  readonly epoch: Epoch;
  readonly sums: TreeSums | undefined;
  readonly rekey: void;
  readonly close: void;
}

export type WriteAnswer =
  | { readonly kind: 'opened'; readonly identity: Identity }
  | { readonly kind: 'refused'; readonly sentence: string }
  | { readonly kind: 'done'; readonly result: Written[keyof Written] }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string };

const port = parentPort!;
const { folder, durability, digestKey } = workerData as WriterSettings;
let isBuildPlanned = false;

try {
  const { database, lock } = openStore(folder, durability);
  const writer = new Writer(database, digestKey);
  const upkeep = new Upkeep(database);
  post({ kind: 'opened', identity: writer.begin() });
  port.on('message', (request: WriteRequest) => {
    post(answered(writer, request));
    if (request.kind === 'close') {
      upkeep.stop();
      writer.tree.drop();
      database.close();
      lock.close();
      port.close();
      return;
    }
    // Nobody waits for these any more.
    if (request.kind !== 'sums') upkeep.disturbed();
    writer.tree.catchUp();
    build(writer);
  });
} catch (error) {
  post({
    kind: 'refused',
    sentence: error instanceof StoreRefused ? error.message : `The store cannot be opened: ${String(error)}.`,
  });
}

/** Slice by slice, each behind the requests that came during the one before. */
function build(writer: Writer): void {
  if (isBuildPlanned || !writer.tree.isBuilding) return;
  isBuildPlanned = true;
  setImmediate(() => {
    isBuildPlanned = false;
    try {
      writer.tree.build();
    } catch {
      // What cannot be read now is read when somebody asks for sums again, from the beginning.
      writer.tree.drop();
    }
    build(writer);
  });
}

function answered(writer: Writer, request: WriteRequest): WriteAnswer {
  try {
    return { kind: 'done', result: written(writer, request) };
  } catch (error) {
    const code = error instanceof Database.SqliteError ? error.code : '';
    return { kind: 'failed', code, message: error instanceof Error ? error.message : String(error) };
  }
}

function written(writer: Writer, request: WriteRequest): Written[keyof Written] {
  switch (request.kind) {
    case 'commit':
      return writer.commit(request.batch);
    case 'replace':
      return writer.replace(request.replacement);
    case 'restore':
      return writer.restore(request.restoration);
    case 'costly':
      return writer.markCostly(request.document);
    case 'epoch':
      return writer.beginEpoch();
    case 'sums':
      return writer.sums(request.of);
    case 'rekey':
      return writer.rekey(request.key, request.digests);
    case 'close':
      return undefined;
  }
}

function post(message: WriteAnswer): void {
  port.postMessage(message);
}
