// The pages: files as the build has left them, with the headers under which a browser lets them do what they need and no more.
import { serveStatic } from '@hono/node-server/serve-static';
import { type Context, Hono } from 'hono';
import { NONCE, secureHeaders, type SecureHeadersVariables } from 'hono/secure-headers';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

interface PagesEnvironment {
  Variables: SecureHeadersVariables;
}

/** What the build leaves in a page where the nonce of each answer belongs. */
const noncePlaceholder = 'SYNCLINE-NONCE';

/** `folder` is what the build has written. Its headers go with everything that is served beside it as well. */
export function pages(folder: string): Hono<PagesEnvironment> {
  const app = new Hono<PagesEnvironment>();
  const index = async (context: Context<PagesEnvironment>): Promise<Response> => {
    const page = await readFile(join(folder, 'index.html'), 'utf8').catch(() => undefined);
    if (page === undefined) return context.notFound();
    // A stored copy would come with the nonce of another answer.
    context.header('cache-control', 'no-store');
    return context.html(page.replaceAll(noncePlaceholder, context.get('secureHeadersNonce') ?? ''));
  };
  app.get('/', index);
  app.get('/index.html', index);
  app.use('/*', serveStatic({ root: folder }));
  return app;
}

export const pageHeaders = secureHeaders({
  // Whoever puts TLS in front decides that for the whole domain.
  strictTransportSecurity: false,
  xFrameOptions: 'DENY',
  xContentTypeOptions: 'nosniff',
  referrerPolicy: 'no-referrer',
  crossOriginOpenerPolicy: 'same-origin',
  crossOriginResourcePolicy: 'same-origin',
  contentSecurityPolicy: {
    defaultSrc: ["'self'"],
    // The editor makes its style sheet when it is known what it shows, and is let through by the nonce alone.
    styleSrc: ["'self'", NONCE],
    // A WebSocket of the same origin is 'self' as well.
    connectSrc: ["'self'"],
    objectSrc: ["'none'"],
    baseUri: ["'none'"],
    formAction: ["'self'"],
    frameAncestors: ["'none'"],
  },
});
