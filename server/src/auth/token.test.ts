import { createHmac } from 'node:crypto';
import { documentName, SyncError } from '@syncline/shared';
import { describe, expect, it } from 'vitest';
import { type Grant, maxTokenBytes, signToken, TokenAccess } from './token.ts';

const key = new TextEncoder().encode('a key that is long enough for the tests');
const otherKey = new TextEncoder().encode('another key that is long enough as well');
const access = new TokenAccess(key);
const grants: Grant[] = [
  { documents: 'notes/*', may: 'write' },
  { documents: 'public/**', may: 'read' },
];

async function codeOf(token: string | undefined): Promise<string> {
  try {
    await access.identify({ token, address: '' });
    return 'accepted';
  } catch (error) {
    return error instanceof SyncError ? error.code : String(error);
  }
}

/** A token put together by hand, with whatever header and claims. */
function forged(
  header: object,
  claims: object,
  secret: Uint8Array | undefined,
  written: (json: string) => string = (json) => json,
): string {
  const part = (value: object): string => Buffer.from(written(JSON.stringify(value))).toString('base64url');
  const body = `${part(header)}.${part(claims)}`;
  return `${body}.${secret ? createHmac('sha256', secret).update(body).digest('base64url') : ''}`;
}

const hmac = { alg: 'HS256' };

describe('a token', () => {
  it('[ACC1] says who its bearer is, for how long, and what it may do', async () => {
    const token = await signToken(key, { subject: 'anna', grants, validForSeconds: 60 });
    const principal = await access.identify({ token, address: '' });
    expect(principal.id).toBe('anna');
    expect(principal.validForMs).toBeGreaterThan(50_000);
    expect(principal.validForMs).toBeLessThanOrEqual(60_000);
    const may = (name: string) =>
      (['read', 'write'] as const).map((action) => principal.may(action, documentName(name)));
    expect(may('notes/42')).toEqual([true, true]);
    expect(may('public/a/b')).toEqual([true, false]);
    expect(may('private')).toEqual([false, false]);
  });

  it('[ACC1] that never expires is good for good', async () => {
    const token = await signToken(key, { subject: 'anna', grants, validForSeconds: undefined });
    expect((await access.identify({ token, address: '' })).validForMs).toBeUndefined();
  });

  it('[ACC1] is one of this server, signed and in time, or nobody gets in', async () => {
    const claims = { sub: 'anna', grants };
    const now = Math.floor(Date.now() / 1_000);
    expect(await codeOf(forged(hmac, claims, key))).toBe('accepted');
    expect(await codeOf(undefined)).toBe('unauthenticated');
    expect(await codeOf('')).toBe('unauthenticated');
    expect(await codeOf('not a token')).toBe('unauthenticated');
    expect(await codeOf(forged(hmac, claims, otherKey))).toBe('unauthenticated');
    expect(await codeOf(forged({ alg: 'none' }, claims, undefined))).toBe('unauthenticated');
    expect(await codeOf(forged({ alg: 'none' }, claims, key))).toBe('unauthenticated');
    expect(await codeOf(forged({ alg: 'HS512' }, claims, key))).toBe('unauthenticated');
    expect(await codeOf(forged(hmac, { ...claims, exp: now - 1 }, key))).toBe('token_expired');
    expect(await codeOf(forged(hmac, { ...claims, nbf: now + 60 }, key))).toBe('unauthenticated');
  });

  it('[ACC1] has grants that can be read', async () => {
    const withGrants = (value: unknown): string => forged(hmac, { sub: 'anna', grants: value }, key);
    expect(await codeOf(withGrants([]))).toBe('accepted');
    for (const wrong of [
      undefined,
      null,
      'all',
      [{}],
      [{ documents: 'a', may: 'own' }],
      [{ documents: 1, may: 'read' }],
    ]) {
      expect(await codeOf(withGrants(wrong))).toBe('unauthenticated');
    }
    const many = Array.from({ length: 60 }, () => ({ documents: 'a', may: 'read' }));
    expect(await codeOf(withGrants(many))).toBe('accepted');
  });

  it('[ACC1] has a subject that is a text, if any: limits and renewals tell subjects apart by it', async () => {
    expect(await codeOf(forged(hmac, { grants }, key))).toBe('accepted');
    for (const sub of [7, {}, ['anna'], null]) {
      expect(await codeOf(forged(hmac, { sub, grants }, key))).toBe('unauthenticated');
    }
  });

  it('[OPR7] is that of an admin if it says so, and of nobody if it cannot be understood', async () => {
    const isAdmin = async (token: string) => (await access.identify({ token, address: '' })).isAdmin;
    const token = (claims: object): string => forged(hmac, { sub: 'anna', grants: [], ...claims }, key);
    const validForSeconds = 60;
    expect(await isAdmin(token({}))).toBe(false);
    expect(await isAdmin(token({ admin: false }))).toBe(false);
    expect(await isAdmin(token({ admin: true }))).toBe(true);
    expect(await isAdmin(await signToken(key, { subject: 'anna', grants, validForSeconds }))).toBe(false);
    const signed = await signToken(key, { subject: 'anna', grants: [], isAdmin: true, validForSeconds });
    expect(await isAdmin(signed)).toBe(true);
    for (const wrong of ['true', 'yes', 1, null, {}])
      expect(await codeOf(token({ admin: wrong }))).toBe('unauthenticated');
  });

  it('[ACC5] that expires between two seconds is no good from then on', async () => {
    expect(await codeOf(forged(hmac, { sub: 'anna', grants, exp: Date.now() / 1_000 }, key))).toBe(
      'token_expired',
    );
    expect(await codeOf(forged(hmac, { sub: 'anna', grants, exp: Date.now() / 1_000 + 30 }, key))).toBe(
      'accepted',
    );
  });

  it('[ACC5] that expires after all time is good for a time that can be said', async () => {
    for (const exp of [1e14, 1e300]) {
      const { validForMs } = await access.identify({
        token: forged(hmac, { exp, grants }, key),
        address: '',
      });
      expect(Number.isSafeInteger(validForMs)).toBe(true);
    }
    // Infinity, as JSON can write it.
    const token = forged(hmac, { exp: '@', grants }, key, (json) => json.replace('"@"', '1e999'));
    expect(Number.isSafeInteger((await access.identify({ token, address: '' })).validForMs)).toBe(true);
  });

  it('[ACC1] that is too long is not looked at', async () => {
    const token = forged(hmac, { sub: 'a'.repeat(maxTokenBytes), grants }, key);
    expect(await codeOf(token)).toBe('unauthenticated');
  });

  it('[ACC1] is in no error that it causes', async () => {
    const token = forged(hmac, { sub: 'anna', grants }, otherKey);
    await expect(access.identify({ token, address: '' })).rejects.not.toThrow(token.slice(0, 12));
  });
});
