// Reads an update through without building a document: every chunk against its checksum, every byte of every change.
import { openChanges } from './change.ts';
import { Inflation } from './chunk.ts';
import { readOperations } from './operations.ts';
import type { AutomergeSummary, CheckedChange } from './summary.ts';

/**
 * An operation costs every reader 400 bytes of memory while it is taken in, and 2 µs. What is typed and pasted has its bytes; thirty bytes
 * can say that a million letters are deleted, as they can that a thousand million are.
 */
export const maxFreeOperations = 2_000_000;

/** What one update may come to, beside what its size allows. */
export interface CheckBounds {
  readonly inflatedFreely?: number;
  readonly freeOperations?: number;
}

/** Gives what the update holds. Throws `malformed_update`, or `update_too_costly` for what inflates to, or does, too much. */
export function checkUpdate(update: Uint8Array, bounds: CheckBounds = {}): AutomergeSummary {
  const changes: CheckedChange[] = [];
  const budget = { left: bounds.freeOperations ?? maxFreeOperations };
  for (const { header, reader } of openChanges(update, new Inflation(update.length, bounds.inflatedFreely))) {
    budget.left += reader.end - reader.at;
    changes.push({ ...header, maxOp: readOperations(reader, header, budget) });
  }
  return { changes };
}
