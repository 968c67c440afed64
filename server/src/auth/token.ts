// Signed tokens: JSON Web Tokens under one secret key (HMAC, HS256), whose claim `grants` says what the bearer may do,
// and `admin` whether that is what an operator does.
import { SyncError } from '@syncline/shared';
import { matchesPattern } from '@syncline/shared/pattern.ts';
import { errors, jwtVerify, SignJWT } from 'jose';
import type { Access, Action, Credentials, Principal } from '../port/access.ts';

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

/** What a token says, read. */
interface Claims {
  readonly sub: string | undefined;
  readonly exp: number | undefined;
  readonly grants: readonly Grant[];
  readonly isAdmin: boolean;
}

const algorithm = 'HS256';
const issuer = 'syncline';

export class TokenAccess implements Access {
  readonly isOpen = false;
  readonly #key: Uint8Array;
  readonly #wallClock: () => number;

  /** `key` has at least `minKeyBytes` bytes. */
  constructor(key: Uint8Array, wallClock: () => number = Date.now) {
    this.#key = key;
    this.#wallClock = wallClock;
  }

  async identify({ token }: Credentials): Promise<Principal> {
    if (token === undefined) throw new SyncError('unauthenticated', 'there is no token');
    if (token.length > maxTokenBytes) throw new SyncError('unauthenticated', 'the token is too long');
    const { sub, exp, grants, isAdmin } = await this.#verify(token);
    return {
      id: sub,
      isAdmin,
      validForMs: exp === undefined ? undefined : this.#untilMs(exp),
      may: (action, document) =>
        grants.some(
          ({ documents, may }) =>
            (may === 'write' || action === 'read') && matchesPattern(documents, document),
        ),
    };
  }

  /** What jose says is not passed on: it may quote the token. */
  async #verify(token: string): Promise<Claims> {
    let payload;
    try {
      const currentDate = new Date(this.#wallClock());
      ({ payload } = await jwtVerify(token, this.#key, { algorithms: [algorithm], currentDate }));
    } catch (error) {
      if (error instanceof errors.JWTExpired) throw new SyncError('token_expired');
      throw new SyncError('unauthenticated', 'the token is not one of this server');
    }
    const { sub, exp, grants, admin = false } = payload;
    // An end between two seconds is over for jose when its second is.
    if (exp !== undefined && this.#untilMs(exp) === 0) throw new SyncError('token_expired');
    if (!isGrants(grants)) throw new SyncError('unauthenticated', 'the token has no grants that can be read');
    // Whoever signs may put anything there; two that are not the same thing would never be the same subject.
    if (sub !== undefined && typeof sub !== 'string')
      throw new SyncError('unauthenticated', 'the subject of the token is not a text');
    // Anything but true and false is a mistake of whoever signs, and must grant nothing.
    if (typeof admin !== 'boolean')
      throw new SyncError('unauthenticated', 'the claim admin of the token is neither true nor false');
    return { sub, exp, grants, isAdmin: admin };
  }

  /** How long until then. A time beyond all time is one that a message can hold. */
  #untilMs(expirySeconds: number): number {
    return Math.min(Math.max(0, expirySeconds * 1_000 - this.#wallClock()), Number.MAX_SAFE_INTEGER);
  }
}

/** Signs a token. `validForSeconds` undefined makes one that never expires. */
export async function signToken(
  key: Uint8Array,
  {
    subject,
    grants,
    isAdmin = false,
    validForSeconds,
  }: {
    subject: string;
    grants: readonly Grant[];
    isAdmin?: boolean;
    validForSeconds: number | undefined;
  },
): Promise<string> {
  const claims = { grants: grants.map(({ documents, may }) => ({ documents, may })) };
  const token = new SignJWT(isAdmin ? { ...claims, admin: true } : claims)
    .setProtectedHeader({ alg: algorithm })
    .setSubject(subject)
    .setIssuer(issuer)
    .setIssuedAt();
  if (validForSeconds !== undefined) token.setExpirationTime(`${validForSeconds} seconds from now`);
  return token.sign(key);
}

function isGrants(value: unknown): value is readonly Grant[] {
  return Array.isArray(value) && value.every(isGrant);
}

function isGrant(value: unknown): value is Grant {
  if (typeof value !== 'object' || value === null) return false;
  const { documents, may } = value as Record<string, unknown>;
  return typeof documents === 'string' && (may === 'read' || may === 'write');
}
