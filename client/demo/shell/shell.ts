// Which of the browser's requests the worker answers from what it has kept: those for the page's own files, and no others. Pure.

export interface Shell {
  /** Another one for every build. */
  readonly version: string;
  /** The files of the page beside itself, as paths from where it lies. */
  readonly files: readonly string[];
}

/** What of a request matters. */
export interface Asked {
  readonly method: string;
  readonly mode: string;
  readonly url: string;
}

/** `page`: a visit, for which the server is asked first. `file`: its content never changes under this name. */
export type Kept = { readonly is: 'page' } | { readonly is: 'file'; readonly url: string };

/** Undefined for everything that is between the page and its server alone. */
export function keptFor({ method, mode, url }: Asked, { files }: Shell, scope: string): Kept | undefined {
  const { origin, pathname, search } = new URL(url);
  const base = new URL(scope);
  if (method !== 'GET' || origin !== base.origin || !pathname.startsWith(base.pathname)) return undefined;
  const path = pathname.slice(base.pathname.length);
  // The query holds a token, which is not for the page's text.
  if (path === '' || path === 'index.html') return mode === 'navigate' ? { is: 'page' } : undefined;
  return files.includes(path) && search === '' ? { is: 'file', url: new URL(path, base).href } : undefined;
}

/** Builds of one place have caches that begin with the same. */
export function cachesOf(scope: string): string {
  return `syncline-shell ${scope} `;
}

/** What is fetched when a build is first met. */
export function urlsOf({ files }: Shell, scope: string): string[] {
  return ['', ...files].map((path) => new URL(path, scope).href);
}
