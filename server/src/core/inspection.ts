// Reads a document through as it is stored, and tells whether it is what was written: every row, and the digest made anew from what
// the rows hold. Costs no more at a time than a small update does.
import { type DocumentName, SyncError } from '@syncline/shared';
import { CostlyTask, type Digest } from '../port/engine.ts';
import { CorruptRow, type Head, type SnapshotHead } from '../port/journal.ts';
import type { CoreContext } from './context.ts';
import { maxBytesCheckedAtOnce, pageBytes } from './limits.ts';

/** `absent` was never committed; `unknown` could not be told, since it changes all the time or costs too much. */
export type Condition =
  { readonly is: 'intact' | 'absent' | 'unknown' } | { readonly is: 'damaged'; readonly reason: string };

/** A document that is compacted while it is read is read again so often. */
const maxAttempts = 3;

/** Rejects with what the journal rejects with, but for CorruptRow. */
export async function inspect(name: DocumentName, context: CoreContext): Promise<Condition> {
  try {
    for (let attempt = 0; attempt < maxAttempts; attempt++) {
      // Row, version and tail are of one moment, whatever is committed meanwhile.
      const head = await context.journal.head(name);
      if (!head) return { is: 'absent' };
      if (!head.isDeleted && !isSame(await digestOf(head, context), head.digest))
        return { is: 'damaged', reason: `document ${head.document} does not hold what its digest says` };
      if (!head.snapshot || (await areChunksThere(head.document, head.snapshot, context)))
        return { is: 'intact' };
    }
    return { is: 'unknown' };
  } catch (error) {
    if (error instanceof CorruptRow) return { is: 'damaged', reason: error.message };
    // What was checked when it was taken in cannot be read any more.
    if (error instanceof SyncError) return { is: 'damaged', reason: error.code };
    if (error instanceof CostlyTask) return { is: 'unknown' };
    throw error;
  }
}

async function digestOf(
  { snapshot, tail, engine: name }: Head,
  { engines, clock }: CoreContext,
): Promise<Digest> {
  const engine = engines.get(name);
  if (!engine) throw new SyncError('wrong_engine');
  const version = await engine.version(snapshot?.version, []);
  let bytes = 0;
  for (const update of tail.flatMap(({ updates }) => updates)) {
    version.add(await engine.check(update));
    bytes += update.length;
    if (bytes < maxBytesCheckedAtOnce) continue;
    bytes = 0;
    await new Promise<void>((resolve) => void clock.after(0, resolve));
  }
  return version.digest();
}

/** False if there is another snapshot by now. */
async function areChunksThere(
  document: number,
  { through }: SnapshotHead,
  { journal }: CoreContext,
): Promise<boolean> {
  for (let from = 0, isLast = false; !isLast;) {
    const page = await journal.chunks(document, through, from, pageBytes);
    if (page === 'replaced') return false;
    from += page.chunks.length;
    isLast = page.isLast;
  }
  return true;
}

function isSame(a: Digest, b: Digest): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
