import type { Platform } from '../sync/platform.ts';

/** A name that no other tab has. */
export function newTabName({ fraction }: Pick<Platform, 'fraction'>): string {
  return Array.from({ length: 20 }, () => Math.floor(fraction() * 36).toString(36)).join('');
}
