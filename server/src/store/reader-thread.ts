// The entry of a reader thread: answers each question in turn.
import { parentPort, workerData } from 'node:worker_threads';
import { CorruptRow } from '../port/journal.ts';
import { Reader } from './reader.ts';

export type ReadRequest =
  | { readonly kind: 'head'; readonly name: string }
  | { readonly kind: 'log'; readonly document: number; readonly after: number; readonly maxBytes: number }
  | {
      readonly kind: 'chunks';
      readonly document: number;
      readonly through: number;
      readonly from: number;
      readonly maxBytes: number;
    }
  | { readonly kind: 'salvage'; readonly name: string }
  | { readonly kind: 'feed'; readonly after: number; readonly maxListings: number }
  | { readonly kind: 'countAfter'; readonly sequence: number }
  | { readonly kind: 'listings'; readonly names: readonly string[] }
  | { readonly kind: 'named'; readonly alias: Uint8Array }
  | {
      readonly kind: 'leaf';
      readonly leaf: number;
      readonly after: string;
      readonly maxListings: number;
    }
  | { readonly kind: 'memories' }
  | { readonly kind: 'statistics' }
  | { readonly kind: 'close' };

export type ReadAnswer =
  /** `damaged`: documents that were left out, in words. */
  | { readonly kind: 'read'; readonly result: unknown; readonly damaged: readonly string[] }
  | { readonly kind: 'failed'; readonly isCorrupt: boolean; readonly message: string };

const port = parentPort!;
const reader = new Reader(workerData as string);
port.postMessage({ kind: 'read', result: undefined, damaged: [] } satisfies ReadAnswer);

port.on('message', (request: ReadRequest) => {
  const answered = answer(request);
  port.postMessage(answered, contentOf(answered));
  if (request.kind === 'close') {
    reader.close();
    port.close();
  }
});

/** Content crosses to the other thread by changing hands: nobody needs it here again. */
function contentOf(answered: ReadAnswer): ArrayBuffer[] {
  if (answered.kind === 'failed') return [];
  const { chunks = [] } = (answered.result ?? {}) as { chunks?: readonly Uint8Array[] };
  return chunks.map(({ buffer }) => buffer as ArrayBuffer);
}

function answer(request: ReadRequest): ReadAnswer {
  try {
    const result = read(request);
    return { kind: 'read', result, damaged: reader.listings.takeDamaged() };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { kind: 'failed', isCorrupt: error instanceof CorruptRow, message };
  }
}

function read(request: ReadRequest): unknown {
  switch (request.kind) {
    case 'head':
      return reader.head(request.name);
    case 'log':
      return reader.log(request.document, request.after, request.maxBytes);
    case 'chunks':
      return reader.chunks(request.document, request.through, request.from, request.maxBytes);
    case 'salvage':
      return reader.salvage(request.name);
    case 'feed':
      return reader.listings.feed(request.after, request.maxListings);
    case 'countAfter':
      return reader.listings.countAfter(request.sequence);
    case 'listings':
      return reader.listings.find(request.names);
    case 'named':
      return reader.listings.named(request.alias);
    case 'leaf':
      return reader.listings.leaf(request.leaf, request.after, request.maxListings);
    case 'memories':
      return reader.listings.memories();
    case 'statistics':
      return reader.statistics();
    case 'close':
      return undefined;
  }
}
