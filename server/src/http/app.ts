// The HTTP side: health, metrics, what operators ask, and pages.
import { Hono } from 'hono';
import { fileURLToPath } from 'node:url';
import { admin, type AdminSettings } from './admin.ts';
import { pageHeaders, pages } from './pages.ts';

export interface HttpSettings {
  /** Why the server is not ready, or undefined when it is. */
  readonly whyNotReady: () => Promise<string | undefined>;
  readonly durability: string;
  readonly metrics: () => Promise<{ contentType: string; text: string }>;
  readonly admin: AdminSettings;
}

const demo = fileURLToPath(new URL('../../../client/dist/demo', import.meta.url));

export function createApp({ whyNotReady, durability, metrics, admin: settings }: HttpSettings): Hono {
  const app = new Hono();
  app.use(pageHeaders);
  app.get('/yjs/*', (context) => context.text('Connect here with a WebSocket, as y-websocket does.', 426));
  app.get('/sync', (context) => context.text('Connect here with a WebSocket, as the client SDK does.', 426));
  app.get('/hocuspocus', (context) =>
    context.text('Connect here with a WebSocket, as the provider of Hocuspocus does.', 426),
  );
  app.get('/automerge', (context) =>
    context.text('Connect here with a WebSocket, as the adapter of automerge-repo does.', 426),
  );
  app.get('/replicate', (context) => context.text('Connect here with a WebSocket, as a replica does.', 426));
  app.get('/livez', (context) => context.json({ status: 'alive' }));
  app.get('/readyz', async (context) => {
    const reason = await whyNotReady();
    return reason === undefined
      ? context.json({ status: 'ready', durability })
      : context.json({ status: 'not ready', reason, durability }, 503);
  });
  app.get('/metrics', async (context) => {
    const { contentType, text } = await metrics();
    return context.body(text, 200, { 'content-type': contentType });
  });
  app.route('/v1', admin(settings));
  app.route('/', pages(demo));
  return app;
}
