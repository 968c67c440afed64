// What the browser says of IndexedDB, as the errors of a store. By their names alone: their texts differ among browsers.
import { LocalStoreError, type LocalStoreErrorCode } from '../local/store.ts';

const codes = new Map<unknown, LocalStoreErrorCode>([
  ['QuotaExceededError', 'full'],
  ['VersionError', 'newer'],
  ['SecurityError', 'unavailable'],
  ['AbortError', 'closed'],
  // A large value lies in a file beside the database: these say that it cannot be read from there.
  ['NotReadableError', 'damaged'],
  ['DataError', 'damaged'],
  // An object store that is not there, or an entry where there can be none.
  ['NotFoundError', 'damaged'],
  ['ConstraintError', 'damaged'],
]);

export function told(error: unknown, doing: string): LocalStoreError {
  if (error instanceof LocalStoreError) return error;
  return new LocalStoreError(codes.get(nameOf(error)) ?? 'failed', `${doing}: ${textOf(error)}`, {
    cause: error,
  });
}

/** Some browsers forbid a database in private windows by this name. */
export function toldOfOpening(error: unknown): LocalStoreError {
  const doing = 'The database cannot be opened';
  if (nameOf(error) !== 'InvalidStateError') return told(error, doing);
  return new LocalStoreError('unavailable', `${doing}: ${textOf(error)}`, { cause: error });
}

/**
 * Whether the connection may be gone. Chromium and Safari have no name of its own for that: what was under way ends with UnknownError in
 * either, which may be anything else as well.
 */
export function isLost(error: unknown): boolean {
  return isClosed(error) || nameOf(error) === 'UnknownError';
}

/** Whether the connection is gone: what it had begun is aborted, and nothing can be begun. */
export function isClosed(error: unknown): boolean {
  return isAbort(error) || nameOf(error) === 'InvalidStateError';
}

/**
 * Why a transaction failed, of what its requests and itself were told. A request that fails aborts its transaction without a word; a
 * transaction without space aborts its requests likewise.
 */
export function reasonOf(reasons: readonly unknown[]): unknown {
  return reasons.find((each) => each !== null && !isAbort(each)) ?? reasons.find((each) => each !== null);
}

/** What everything in a transaction is told that did not end; the reason is elsewhere, or there is none. */
export function isAbort(error: unknown): boolean {
  return nameOf(error) === 'AbortError';
}

function nameOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'name' in error ? error.name : undefined;
}

/** Safari says nothing at all at times. */
function textOf(error: unknown): string {
  return error instanceof Error ? `${error.name}, ${error.message}` : 'the browser gave no reason';
}
