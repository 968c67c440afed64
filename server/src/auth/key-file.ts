// Reads the key under which tokens are signed from its file.
import { readFileSync, statSync } from 'node:fs';
import { minKeyBytes } from './token.ts';

/** Throws an Error whose message is one sentence for the operator. White space around the key is not part of it. */
export function readKeyFile(path: string): Uint8Array {
  let text: string;
  try {
    text = readFileSync(path, 'utf8').trim();
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    throw new Error(`The key file ${path} cannot be read: ${code}.`, { cause: error });
  }
  const key = new TextEncoder().encode(text);
  if (key.length < minKeyBytes) {
    throw new Error(
      `The key in ${path} has ${key.length} bytes and needs ${minKeyBytes}; make one with: openssl rand -hex 32`,
    );
  }
  return key;
}

/** Whether others than its owner may read a file; undefined where that means nothing. */
export function isReadableByOthers(path: string): boolean | undefined {
  if (process.platform === 'win32') return undefined;
  return (statSync(path).mode & 0o077) !== 0;
}
