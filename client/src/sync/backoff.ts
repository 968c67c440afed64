// How long to wait before trying again.

/** A first attempt that fails is repeated within this; each further one may take twice as long. */
const minBackoffMs = 500;
/** However long a server was away, its clients are back within this. */
export const maxBackoffMs = 30_000;

/** `fraction` is from 0 to 1. Full jitter: thousands of clients that lost one server do not come back in the same second. */
export function backoffMs(attempt: number, fraction: number): number {
  return fraction * Math.min(maxBackoffMs, minBackoffMs * 2 ** attempt);
}
