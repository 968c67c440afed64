// Reads the key under which tokens are signed from its file.
import { readFileSync, statSync } from 'node:fs';
import { minKeyBytes } from './token.ts';

const advice = 'make one with: openssl rand -hex 32.';

/** Throws an Error whose message is one sentence for the operator. White space around the key is not part of it. */
export function readKeyFile(path: string): Uint8Array {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    throw new Error(`The key file ${path} cannot be read: ${code}.`, { cause: error });
  }
  const key = keyIn(bytes);
  if (!key) throw new Error(`The key in ${path} is not a text; ${advice}`);
  if (key.length < minKeyBytes) {
    throw new Error(`The key in ${path} has ${key.length} bytes and needs ${minKeyBytes}; ${advice}`);
  }
  return key;
}

/** Read as text, random bytes would nearly all become the same sign: another key than meant, and hardly a secret one. */
function keyIn(bytes: Uint8Array): Uint8Array | undefined {
  try {
    return new TextEncoder().encode(new TextDecoder('utf-8', { fatal: true }).decode(bytes).trim());
  } catch {
    return undefined;
  }
}

/** Whether others than its owner may read a file; undefined where that means nothing. */
export function isReadableByOthers(path: string): boolean | undefined {
  if (process.platform === 'win32') return undefined;
  return (statSync(path).mode & 0o077) !== 0;
}
