// How an update is refused.
import { SyncError } from '@syncline/shared';

/** It cannot be read, or not be held beside what is. */
export function malformed(why: string): SyncError {
  return new SyncError('malformed_update', why);
}

/** It could be read, by whoever has the time and the memory. */
export function costly(why: string): SyncError {
  return new SyncError('update_too_costly', why);
}
