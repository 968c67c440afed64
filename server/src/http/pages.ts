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

/** Of the pages below `/examples`: which of them may compile WebAssembly. */
const examples = new Map([
  ['codemirror', false],
  ['tiptap', false],
  ['todo', true],
]);

/** `folder` is what the build has written. Its headers go with everything that is served beside it as well. */
export function pages(folder: string): Hono<PagesEnvironment> {
  const app = new Hono<PagesEnvironment>();
  const page = async (context: Context<PagesEnvironment>, file: string): Promise<Response> => {
    const html = await readFile(join(folder, file), 'utf8').catch(() => undefined);
    if (html === undefined) return context.notFound();
    // A stored copy would come with the nonce of another answer.
    context.header('cache-control', 'no-store');
    return context.html(html.replaceAll(noncePlaceholder, context.get('secureHeadersNonce') ?? ''));
  };
  app.get('/', (context) => page(context, 'index.html'));
  app.get('/index.html', (context) => page(context, 'index.html'));
  app.get('/examples', (context) => context.redirect('examples/tiptap'));
  app.get('/examples/', (context) => context.redirect('tiptap'));
  // One page, which looks at its own address.
  app.get('/examples/:name', (context) =>
    examples.has(context.req.param('name')) ? page(context, 'examples/index.html') : context.notFound(),
  );
  app.use('/sw.js', async (context, next) => {
    await next();
    // Else a browser could go on with the pages of an earlier version for a day.
    context.header('cache-control', 'no-cache');
  });
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
    scriptSrc: ["'self'", mayCompile],
    // The editor makes its style sheet when it is known what it shows, and is let through by the nonce alone.
    styleSrc: ["'self'", NONCE],
    // A WebSocket of the same origin is 'self' as well.
    connectSrc: ["'self'"],
    workerSrc: ["'self'"],
    objectSrc: ["'none'"],
    baseUri: ["'none'"],
    formAction: ["'self'"],
    frameAncestors: ["'none'"],
  },
});

/** Compiled code is a script to a browser. It is let through where an engine is, and there alone. */
function mayCompile({ req }: Context): string {
  const [folder, name] = req.path.split('/').slice(-2);
  return folder === 'examples' && examples.get(name!) ? "'wasm-unsafe-eval'" : '';
}
