// The same updates in fewer pieces, for what is sent: keystrokes side by side are merged into one.
import * as Y from 'yjs';

/** Merging costs 0.7 µs a keystroke for as many as these, and grows with the square of their number. */
const maxMerged = 50;
/**
 * A keystroke is tens of bytes. What is larger gains nothing by company, and may be made so that merging it costs seconds:
 * fifty updates of 3 KB, each full of holes, take 0.6 s, fifty of this size one millisecond.
 */
const maxBytesMerged = 128;

export function bundle(updates: readonly Uint8Array[]): readonly Uint8Array[] {
  if (updates.length < 2) return updates;
  const pieces: Uint8Array[] = [];
  let gathered: Uint8Array[] = [];
  const flush = (): void => {
    if (gathered.length > 0) pieces.push(...merge(gathered));
    gathered = [];
  };
  for (const update of updates) {
    if (update.length > maxBytesMerged || gathered.length === maxMerged) flush();
    if (update.length > maxBytesMerged) pieces.push(update);
    else gathered.push(update);
  }
  flush();
  return pieces;
}

function merge(updates: Uint8Array[]): Uint8Array[] {
  if (updates.length === 1) return updates;
  try {
    return [Y.mergeUpdates(updates)];
  } catch {
    // Merging only saves frames: updates that cannot be merged go out as they are.
    return updates;
  }
}
