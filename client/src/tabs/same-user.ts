// Whether two tokens say the same of who one is and what one may do, so that their tabs can share a connection. Tabs of one origin can
// read each other's tokens: nothing is proved here, and nobody is kept out.

const base64Url = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** Each tab may have fetched a token of its own: those that differ in their times alone say the same. */
export function isSameUser(token: string, other: string): boolean {
  if (token === other) return true;
  const claims = claimsOf(token);
  return claims !== undefined && claims === claimsOf(other);
}

/** Undefined where it is no JSON Web Token: it says something to its server alone. */
function claimsOf(token: string): string | undefined {
  const [, payload, signature, ...more] = token.split('.');
  if (payload === undefined || signature === undefined || more.length > 0) return undefined;
  try {
    const claims: unknown = JSON.parse(bytesIn(payload));
    if (typeof claims !== 'object' || claims === null) return undefined;
    const lasting = Object.entries(claims).filter(([name]) => !['exp', 'iat', 'jti', 'nbf'].includes(name));
    return JSON.stringify(lasting.toSorted(([a], [b]) => (a < b ? -1 : 1)));
  } catch {
    return undefined;
  }
}

/** Each byte as a letter, which tells the claims of two tokens apart as well as their own letters would. */
function bytesIn(text: string): string {
  let bits = 0;
  let held = 0;
  let bytes = '';
  for (const letter of text) {
    const value = base64Url.indexOf(letter);
    if (value === -1) throw new RangeError('it is not base64url');
    bits = ((bits << 6) | value) & 0xffff;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    bytes += String.fromCharCode((bits >> held) & 0xff);
  }
  return bytes;
}
