// A token key in a file, and tokens put together by hand: such as an application's backend would sign, and such as nobody
// should be let in with.
import { createHmac, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Claims {
  readonly subject?: string;
  readonly read?: readonly string[];
  readonly write?: readonly string[];
  /** Seconds from now; undefined never expires. */
  readonly expiresIn?: number;
  readonly isAdmin?: boolean;
}

export const hmac = { alg: 'HS256' };

export class TokenKey {
  readonly file: string;
  readonly #key = randomBytes(32).toString('hex');

  constructor(folder: string) {
    this.file = join(folder, 'token-key');
    writeFileSync(this.file, `${this.#key}\n`, { mode: 0o600 });
  }

  /** For a server that lets nobody in without a token. */
  get arguments(): readonly string[] {
    return ['--token-key-file', this.file];
  }

  sign(claims: Claims): string {
    return jwt(hmac, payload(claims), this.#key);
  }

  /** As `sign`, by somebody who has another key. */
  forge(claims: Claims): string {
    return jwt(hmac, payload(claims), randomBytes(32).toString('hex'));
  }

  /** Says that it needs no signature, and has one nevertheless if `isSigned`. */
  withoutAlgorithm(claims: Claims, isSigned = false): string {
    return jwt({ alg: 'none' }, payload(claims), isSigned ? this.#key : undefined);
  }
}

function payload({ subject = 'anna', read = [], write = [], expiresIn, isAdmin }: Claims): object {
  const grants = [
    ...read.map((documents) => ({ documents, may: 'read' })),
    ...write.map((documents) => ({ documents, may: 'write' })),
  ];
  const exp = expiresIn === undefined ? {} : { exp: Date.now() / 1_000 + expiresIn };
  return { sub: subject, grants, ...exp, ...(isAdmin ? { admin: true } : {}) };
}

/** Without a key its signature is empty. */
export function jwt(header: object, claims: object, key: string | Uint8Array | undefined): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const body = `${part(header)}.${part(claims)}`;
  return `${body}.${key === undefined ? '' : createHmac('sha256', key).update(body).digest('base64url')}`;
}
