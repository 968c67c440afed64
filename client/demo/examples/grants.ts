// What the token in the address lets its bearer do. Clients of y-websocket and of automerge-repo are not told that a document may only be
// read: an app knows that from its backend, and these pages from the token itself. Pure.
import { matchesPattern } from '@syncline/shared/pattern.ts';

/** As far as it can be read: whoever has a token that is no good is told so by the server. */
export function mayWrite(token: string | undefined, document: string): boolean {
  const grants = token === undefined ? undefined : grantsIn(token);
  if (!grants) return true;
  return grants.some(({ documents, may }) => may === 'write' && matchesPattern(String(documents), document));
}

function grantsIn(token: string): { documents?: unknown; may?: unknown }[] | undefined {
  const [, payload = ''] = token.split('.');
  try {
    const { grants } = JSON.parse(textOf(payload)) as { grants?: unknown };
    return Array.isArray(grants) ? grants.map((grant: unknown) => Object(grant) as object) : undefined;
  } catch {
    return undefined;
  }
}

function textOf(base64Url: string): string {
  const letters = atob(base64Url.replaceAll('-', '+').replaceAll('_', '/'));
  return new TextDecoder().decode(Uint8Array.from(letters, (letter) => letter.charCodeAt(0)));
}
