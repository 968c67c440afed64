// What has been typed and is not acknowledged, as a list of batches, oldest first. Immutable: every function gives a new list.
import type { Up } from '@syncline/shared';

export interface Batch {
  /** Its number on this connection; 0 while it has not been sent on it. */
  readonly number: number;
  readonly updates: readonly Uint8Array[];
  readonly bytes: number;
  /** The first of the document's edits that is in it, counted from 1; 0 where what was there before may be in it. */
  readonly firstEdit: number;
  readonly edits: number;
  /** When the first was made. */
  readonly sinceMs: number;
}

export type Pending = readonly Batch[];
/** Gives the same in fewer updates, one as a rule; as they are where they cannot be merged. */
export type Merge = (updates: readonly Uint8Array[]) => readonly Uint8Array[];

/**
 * A batch is one frame: on a slow link it holds up what comes behind it, and a server may take none that are much larger.
 * What has been merged offline cannot be cut again.
 */
const maxBatchBytes = 16 * 1024;
/** Offline, so many updates wait side by side before they are merged. */
const maxUnmerged = 64;

export function newBatch(updates: readonly Uint8Array[], about: Omit<Batch, 'updates' | 'bytes'>): Batch {
  return { ...about, updates, bytes: sizeOf(updates) };
}

/** In bytes. */
export function sizeOf(updates: readonly Uint8Array[]): number {
  return updates.reduce((sum, { length }) => sum + length, 0);
}

/** Puts what was typed offline with what was typed before it, as long as the two are small. */
export function joined(pending: Pending, batch: Batch, merge: Merge): Pending {
  const last = pending.at(-1);
  if (!last || last.bytes + batch.bytes > maxBatchBytes) return [...pending, batch];
  const updates = [...last.updates, ...batch.updates];
  const merged = updates.length > maxUnmerged ? merge(updates) : updates;
  const firstEdit = Math.min(last.firstEdit, batch.firstEdit);
  return [...pending.slice(0, -1), newBatch(merged, { ...last, firstEdit, edits: last.edits + batch.edits })];
}

/**
 * What was typed in one turn, as batches that are not too large, of one update each: four keystrokes cost a server that checks
 * and stores them one by one a quarter more.
 */
export function inBatches(updates: readonly Uint8Array[], merge: Merge): readonly (readonly Uint8Array[])[] {
  return grouped(updates).map((group) => (group.length > 1 ? merge(group) : group));
}

function grouped(updates: readonly Uint8Array[]): Uint8Array[][] {
  const groups: Uint8Array[][] = [];
  let bytes = 0;
  for (const update of updates) {
    const last = groups.at(-1);
    if (last && bytes + update.length <= maxBatchBytes) last.push(update);
    else groups.push([update]);
    bytes = groups.at(-1) === last ? bytes + update.length : update.length;
  }
  return groups;
}

/** As it is to be sent on a new connection: in few batches, numbered from 1 on. */
export function renumbered(pending: Pending, merge: Merge): Pending {
  const few = pending.reduce<Pending>((list, batch) => joined(list, batch, merge), []);
  return few.map((batch, index) => ({ ...batch, number: index + 1 }));
}

export function without(pending: Pending, { from, through }: { from: number; through: number }): Pending {
  return pending.filter(({ number }) => number < from || number > through);
}

export function updatesMessage(channel: number, { number, updates }: Batch): Up {
  return { say: 'updates', channel, batch: number, updates };
}
