// What the browser keeps of documents for this page: under which name, and what is said where it keeps nothing. Pure.
import type { ClientStatus, DocumentStatus, LocalStoreErrorCode } from '../src/index.ts';

/** Another one for each place where a server is, and for each person: what one of them typed is not for the next. */
export function storeName(syncAddress: string, token: string | undefined): string {
  const place = `syncline-demo ${new URL(syncAddress).pathname}`;
  return token === undefined ? place : `${place} ${personIn(token)}`;
}

/** A token in which nobody is named stands for all who may do the same. */
function personIn(token: string): string {
  const { sub, grants = null } = claimsIn(token);
  return JSON.stringify(sub ?? grants);
}

function claimsIn(token: string): { sub?: unknown; grants?: unknown } {
  try {
    const [, payload = ''] = token.split('.');
    const letters = atob(payload.replaceAll('-', '+').replaceAll('_', '/'));
    const bytes = Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
    return (JSON.parse(new TextDecoder().decode(bytes)) ?? {}) as object;
  } catch {
    // No server takes it.
    return {};
  }
}

/** What is said as long as what is typed is not kept; undefined where it is. */
export function keepingNote(
  { durability }: Pick<ClientStatus, 'durability'>,
  local: DocumentStatus['local'] | undefined,
): string | undefined {
  const failed = [durability, local].find((each) => each?.state === 'failed');
  return failed?.state === 'failed' ? noteOf(failed.error.code) : undefined;
}

function noteOf(code: LocalStoreErrorCode): string {
  return `This browser does not keep what you type: ${reasons[code]}.`;
}

export const reasons: Readonly<Record<LocalStoreErrorCode, string>> = {
  full: 'it has no space left for it',
  closed: 'what it kept was cleared away',
  held: 'a tab with an older version of this page has to be closed',
  newer: 'a newer version of this page has been here',
  unavailable: 'it gives this page no storage',
  damaged: 'it cannot read what it has kept',
  failed: 'its storage has failed',
};
