// What a reader lacks of a document, page by page, read from snapshot and log; no document is built where the reader has
// the snapshot already, or has nothing at all.
import type { Head, Sequence, SnapshotHead } from '../port/journal.ts';
import type { Document } from './document.ts';
import { maxSingleAnswerBytes, maxTailBytesFilteredHere, pageBytes } from './limits.ts';

/** Yields pages of pieces in causal order, none of them empty; returns the position at which the reader then stands. */
export async function* answerPieces(
  document: Document,
  start: Head,
  request: Uint8Array,
): AsyncGenerator<readonly Uint8Array[], Sequence, void> {
  let head = start;
  const { engine } = document;
  const isKnown = (): boolean =>
    !head.isCostly && !!head.snapshot && engine.covers(request, head.snapshot.version);
  let small: Uint8Array[] = [];
  if (head.snapshot && isKnown()) {
    const deletions = await readChunks(document, head.snapshot, head.snapshot.chunkCount - 1);
    if (deletions === 'replaced') return yield* restart(document, request);
    small = [...deletions.chunks];
  } else if (head.snapshot) {
    const isRaw = head.isCostly || engine.claimsNothing(request);
    for (let from = 0, isLast = false; !isLast;) {
      const page = await readChunks(document, head.snapshot, from);
      if (page === 'replaced') return yield* restart(document, request);
      const pieces = isRaw ? page.chunks : await engine.diff(request, page.chunks);
      from += page.chunks.length;
      isLast = page.isLast;
      if (isLast && from === head.snapshot.chunkCount && size(pieces) <= maxSingleAnswerBytes)
        small = [...pieces];
      else if (pieces.length > 0) yield pieces;
    }
  }
  const tail = await filterTail(document, head, request);
  const pieces = engine.bundle([...small, ...tail]);
  for (const page of inPages(pieces)) yield page;
  return head.sequence;
}

/** A compaction has put another snapshot in place meanwhile. Sending it from the start is harmless: updates are idempotent. */
async function* restart(
  document: Document,
  request: Uint8Array,
): AsyncGenerator<readonly Uint8Array[], Sequence, void> {
  const head = await document.load();
  return head ? yield* answerPieces(document, head, request) : 0;
}

async function readChunks(document: Document, snapshot: SnapshotHead, from: number) {
  return document.journal.chunks(document.id!, snapshot.through, from, pageBytes);
}

async function filterTail(
  document: Document,
  head: Head,
  request: Uint8Array,
): Promise<readonly Uint8Array[]> {
  const updates = head.tail.flatMap((entry) => entry.updates);
  if (head.isCostly) return updates;
  const { engine } = document;
  if (size(updates) <= maxTailBytesFilteredHere || engine.claimsNothing(request)) {
    return engine.filter(request, updates);
  }
  return engine.diff(request, updates);
}

function* inPages(pieces: readonly Uint8Array[]): Generator<readonly Uint8Array[]> {
  let page: Uint8Array[] = [];
  let bytes = 0;
  for (const piece of pieces) {
    page.push(piece);
    bytes += piece.length;
    if (bytes >= pageBytes) {
      yield page;
      page = [];
      bytes = 0;
    }
  }
  if (page.length > 0) yield page;
}

function size(updates: readonly Uint8Array[]): number {
  return updates.reduce((sum, { length }) => sum + length, 0);
}
