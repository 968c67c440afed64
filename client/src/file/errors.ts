// What the system says of a file, as the errors of a store.
import { LocalStoreError, type LocalStoreErrorCode } from '../local/store.ts';

/** EFBIG: larger than this process may make a file. */
const codes = new Map<unknown, LocalStoreErrorCode>([
  ['ENOSPC', 'full'],
  ['EDQUOT', 'full'],
  ['EFBIG', 'full'],
]);

export function told(error: unknown, doing: string): LocalStoreError {
  if (error instanceof LocalStoreError) return error;
  const text = error instanceof Error ? error.message : String(error);
  return new LocalStoreError(codes.get(codeOf(error)) ?? 'failed', `${doing}: ${text}`, { cause: error });
}

export function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
