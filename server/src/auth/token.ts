// Signed tokens: JSON Web Tokens under one secret key (HMAC, HS256), whose claim `grants` says what the bearer may do.
import { SyncError } from '@syncline/shared';
import { errors, jwtVerify, SignJWT } from 'jose';
import type { Access, Action, Credentials, Principal } from '../port/access.ts';
import { matchesPattern } from './pattern.ts';

export interface Grant {
  /** A name, in which `*` stands for anything but slashes and `**` for anything. */
  readonly documents: string;
  /** `write` includes `read`. */
  readonly may: Action;
}

/** HMAC-SHA256 is as strong as its key up to this length. */
export const minKeyBytes = 32;
/** URLs and proxies take this much: some sixty grants. What is longer is not read. */
export const maxTokenBytes = 4_096;

const algorithm = 'HS256';
const issuer = 'syncline';

export class TokenAccess implements Access {
  readonly isOpen = false;
  readonly #key: Uint8Array;

  /** `key` has at least `minKeyBytes` bytes. */
  constructor(key: Uint8Array) {
    this.#key = key;
  }

  async identify({ token }: Credentials): Promise<Principal> {
    if (token === undefined) throw new SyncError('unauthenticated', 'there is no token');
    if (token.length > maxTokenBytes) throw new SyncError('unauthenticated', 'the token is too long');
    const { sub, exp, grants } = await this.#verify(token);
    return {
      id: sub,
      validForMs: exp === undefined ? undefined : untilMs(exp),
      may: (action, document) =>
        grants.some(
          ({ documents, may }) =>
            (may === 'write' || action === 'read') && matchesPattern(documents, document),
        ),
    };
  }

  /** What jose says is not passed on: it may quote the token. */
  async #verify(
    token: string,
  ): Promise<{ sub: string | undefined; exp: number | undefined; grants: readonly Grant[] }> {
    let payload;
    try {
      ({ payload } = await jwtVerify(token, this.#key, { algorithms: [algorithm] }));
    } catch (error) {
      if (error instanceof errors.JWTExpired) throw new SyncError('token_expired');
      throw new SyncError('unauthenticated', 'the token is not one of this server');
    }
    const { sub, exp, grants } = payload;
    if (!isGrants(grants)) throw new SyncError('unauthenticated', 'the token has no grants that can be read');
    // Whoever signs may put anything there; two that are not the same thing would never be the same subject.
    if (sub !== undefined && typeof sub !== 'string')
      throw new SyncError('unauthenticated', 'the subject of the token is not a text');
    return { sub, exp, grants };
  }
}

/** Signs a token. `validForSeconds` undefined makes one that never expires. */
export async function signToken(
  key: Uint8Array,
  {
    subject,
    grants,
    validForSeconds,
  }: { subject: string; grants: readonly Grant[]; validForSeconds: number | undefined },
): Promise<string> {
  const token = new SignJWT({ grants: grants.map(({ documents, may }) => ({ documents, may })) })
    .setProtectedHeader({ alg: algorithm })
    .setSubject(subject)
    .setIssuer(issuer)
    .setIssuedAt();
  if (validForSeconds !== undefined) token.setExpirationTime(`${validForSeconds} seconds from now`);
  return token.sign(key);
}

/** How long until then. A time beyond all time is one that a message can hold. */
function untilMs(expirySeconds: number): number {
  return Math.min(Math.max(0, expirySeconds * 1_000 - Date.now()), Number.MAX_SAFE_INTEGER);
}

function isGrants(value: unknown): value is readonly Grant[] {
  return Array.isArray(value) && value.every(isGrant);
}

function isGrant(value: unknown): value is Grant {
  if (typeof value !== 'object' || value === null) return false;
  const { documents, may } = value as Record<string, unknown>;
  return typeof documents === 'string' && (may === 'read' || may === 'write');
}
