// How an update is refused that cannot be read.
import { SyncError } from '@syncline/shared';

export function malformed(why: string): SyncError {
  return new SyncError('malformed_update', why);
}
