// What a reader lacks of a document, page by page, read from snapshot and log; no document is built where the reader has
// the snapshot already, or has nothing at all.
import { CostlyTask, type ReaderRequest, type SnapshotNeed } from '../port/engine.ts';
import type { Head, Sequence, SnapshotHead } from '../port/journal.ts';
import { bytesOf } from './bytes.ts';
import type { Document } from './document.ts';
import { maxSingleAnswerBytes, maxTailBytesUnfiltered, pageBytes } from './limits.ts';

type Pieces = readonly Uint8Array[];

/** Yields pages of pieces in causal order, none of them empty; returns the position at which the reader then stands. */
export async function* answerPieces(
  document: Document,
  head: Head | undefined,
  request: ReaderRequest,
): AsyncGenerator<Pieces, Sequence, void> {
  if (!head) return 0;
  const { engine } = document;
  const { snapshot } = head;
  const lacked = document.narrow(request);
  const need = snapshot ? needOf(document, head, snapshot, lacked) : 'nothing';
  let small: Pieces = [];
  if (snapshot && need !== 'nothing') {
    for (let from = need === 'last chunk' ? snapshot.chunkCount - 1 : 0, isLast = false; !isLast;) {
      const page = await readChunks(document, snapshot, from);
      if (page === 'replaced') return yield* restart(document, request);
      const pieces = need === 'last chunk' ? page.chunks : await lacking(document, head, lacked, page.chunks);
      from += page.chunks.length;
      isLast = page.isLast;
      if (isLast && (need === 'last chunk' || bytesOf(pieces) <= maxSingleAnswerBytes)) small = pieces;
      else if (pieces.length > 0) yield pieces;
    }
  }
  const tail = head.tail.flatMap((entry) => entry.updates);
  const isShort = bytesOf(tail) <= maxTailBytesUnfiltered && !lacked.isExact;
  const rest = isShort ? tail : await lacking(document, head, lacked, tail);
  yield* inPages(engine.bundle([...small, ...rest]));
  return head.sequence;
}

/** At most about how many bytes `answerPieces` gives. */
export function answerBytes(document: Document, head: Head | undefined, request: ReaderRequest): number {
  if (!head) return 0;
  const tail = bytesOf(head.tail.flatMap((entry) => entry.updates));
  const { snapshot } = head;
  const isNeeded = snapshot && needOf(document, head, snapshot, document.narrow(request)) === 'everything';
  return isNeeded ? snapshot.bytes + tail : tail;
}

/** What is costly is sent as it is stored, and no more is asked about it. */
function needOf(
  { engine }: Document,
  { isCostly }: Head,
  { version }: SnapshotHead,
  lacked: ReaderRequest,
): SnapshotNeed {
  return isCostly ? 'everything' : engine.needs(lacked, version);
}

/** A compaction has put another snapshot in place meanwhile. Sending it from the start is harmless: updates are idempotent. */
async function* restart(document: Document, request: ReaderRequest): AsyncGenerator<Pieces, Sequence, void> {
  return yield* answerPieces(document, await document.load(), request);
}

async function readChunks(document: Document, snapshot: SnapshotHead, from: number) {
  return document.journal.chunks(document.id!, snapshot.through, from, pageBytes);
}

/** Of some updates what the reader lacks; where finding that out costs too much, all of them, which is as right. */
async function lacking(
  document: Document,
  head: Head,
  request: ReaderRequest,
  updates: Pieces,
): Promise<Pieces> {
  if (head.isCostly || request.claimsNothing) return updates;
  try {
    return await document.engine.diff(request, updates);
  } catch (error) {
    if (error instanceof CostlyTask) return updates;
    throw error;
  }
}

function* inPages(pieces: Pieces): Generator<Pieces> {
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
