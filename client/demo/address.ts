// What the page's address says: the document after '#', and a token in the query. Pure.

/** What the demo has open when the address names nothing. */
export const defaultName = 'welcome';

/** `whenNone` is what the page has open when the address names nothing. */
export function nameIn(hash: string, whenNone = defaultName): string {
  const text = hash.replace(/^#/, '');
  try {
    return decodeURIComponent(text).trim() || whenNone;
  } catch {
    return text;
  }
}

export function hashOf(name: string): string {
  return `#${encodeURIComponent(name.toWellFormed())}`;
}

/** What is passed on. It has no query: a token is for the person who was given it. */
export function shareLink(page: string, name: string): string {
  const url = new URL(page);
  url.search = '';
  url.hash = hashOf(name);
  return url.href;
}

export function tokenIn(page: string): string | undefined {
  return new URL(page).searchParams.get('token') ?? undefined;
}

/** Beside the page, so that it also works below a path of a reverse proxy. */
export function syncUrl(page: string): string {
  const url = new URL('sync', page);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  url.search = '';
  url.hash = '';
  return url.href;
}
