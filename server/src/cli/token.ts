// Makes tokens for development; in production an application's own backend signs them.
import { readKeyFile } from '../auth/key-file.ts';
import { type Grant, maxTokenBytes, signToken } from '../auth/token.ts';
import type { TokenOptions } from './options.ts';
import { UsageError } from './read-options.ts';

/** Resolves with the token. Throws UsageError. */
export async function makeToken(options: TokenOptions): Promise<string> {
  const path = options['token-key-file'];
  if (path === undefined) throw new UsageError('token needs --token-key-file.');
  const grants = [...grantsOf(options.read, 'read'), ...grantsOf(options.write, 'write')];
  if (grants.length === 0 && !options.admin)
    throw new UsageError('token needs --read or --write, as in --write "notes/*", or --admin.');
  const validForSeconds = seconds(options.expires);
  const { subject, admin: isAdmin } = options;
  const token = await signToken(keyFrom(path), { subject, grants, isAdmin, validForSeconds });
  if (token.length > maxTokenBytes) {
    throw new UsageError(
      `The token would have ${token.length} bytes, and a server reads no more than ${maxTokenBytes}; fewer, wider patterns make it shorter.`,
    );
  }
  return token;
}

/** The key in a file. Throws UsageError. */
export function keyFrom(path: string): Uint8Array {
  try {
    return readKeyFile(path);
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function grantsOf(names: string | undefined, may: Grant['may']): Grant[] {
  return (names ?? '')
    .split(',')
    .map((documents) => documents.trim())
    .filter((documents) => documents !== '')
    .map((documents) => ({ documents, may }));
}

const secondsOf: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };

function seconds(text: string): number | undefined {
  if (text === 'never') return undefined;
  const [, count, unit] = /^([1-9]\d{0,8})([smhd])$/.exec(text) ?? [];
  if (count === undefined)
    throw new UsageError(`--expires is a time such as 90s, 15m, 12h or 30d, or never, not ${text}.`);
  return Number(count) * secondsOf[unit!]!;
}
