// What an Automerge document is called where names are 16 bytes: the first of the SHA-256 of its name, the same on every replica.
import { createHash } from 'node:crypto';

export const aliasBytes = 16;

export function aliasOf(name: string): Uint8Array {
  return Uint8Array.from(createHash('sha256').update(name).digest().subarray(0, aliasBytes));
}

/** Whether documents of an engine have one. */
export function hasAlias(engine: string): boolean {
  return engine === 'automerge';
}
