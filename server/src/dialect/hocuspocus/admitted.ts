// What a provider was let into, and on whose behalf.
import { type DocumentName, SyncError } from '@syncline/shared';
import type { Principal } from '../../port/access.ts';

export interface Admitted {
  readonly name: DocumentName;
  principal: Principal;
  mayWrite: boolean;
}

/** Throws `forbidden`. */
export function admission(name: DocumentName, principal: Principal): Admitted {
  if (!principal.may('read', name)) throw new SyncError('forbidden');
  return { name, principal, mayWrite: principal.may('write', name) };
}
