// What an operator asks of a running server, as JSON under /v1: the status of the cluster, audits, deletions.
import type { HttpBindings } from '@hono/node-server';
import { documentName, type DocumentName, SyncError } from '@syncline/shared';
import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { Documents } from '../core/documents.ts';
import type { Visit } from '../core/visit.ts';
import type { Stateless } from '../dialect/hocuspocus/stateless.ts';
import type { Access } from '../port/access.ts';
import { CommitFailed, CorruptRow } from '../port/journal.ts';
import type { Observe } from '../port/observe.ts';
import type { ReplicationControl } from '../replication/contract.ts';
import { httpStatus } from './status.ts';

export interface AdminSettings {
  readonly access: Access;
  readonly isOriginAllowed: (origin: string) => boolean;
  readonly replication: ReplicationControl;
  readonly documents: Pick<Documents, 'visit'>;
  readonly stateless: Pick<Stateless, 'broadcast'>;
  readonly observe: Observe;
}

interface AdminEnvironment {
  Bindings: Partial<HttpBindings>;
}

type AdminContext = Context<AdminEnvironment>;

/** A document's name, written with an escape for each character. */
const maxBodyBytes = 16 * 1024;

export function admin(settings: AdminSettings): Hono<AdminEnvironment> {
  const { replication, documents, stateless } = settings;
  const app = new Hono<AdminEnvironment>();
  app.onError((error, context) => {
    const refusal = refusalOf(error);
    if (refusal.code === 'internal')
      settings.observe.notice({ event: 'internal-error', reason: String(error) });
    return answerRefusal(context, refusal);
  });
  app.use(async (context, next) => {
    context.header('cache-control', 'no-store');
    await checkAccess(settings, context);
    await next();
  });
  app.use(
    bodyLimit({
      maxSize: maxBodyBytes,
      onError: () => {
        throw new SyncError('bad_request', `the body is larger than ${maxBodyBytes} bytes`);
      },
    }),
  );
  app.get('/status', async (context) => context.json(await replication.status()));
  app.post('/verify', async (context) => {
    const { document } = await body(context);
    return context.json(await replication.verify(document === undefined ? undefined : nameOf(document)));
  });
  app.post('/peers/forget', async (context) => {
    const { replica } = await body(context);
    if (typeof replica !== 'string' || !/^[\da-f]{32}$/.test(replica)) {
      throw new SyncError('bad_request', 'replica is not an id of 32 hexadecimal digits');
    }
    if (!(await replication.forget(replica))) throw new SyncError('not_found');
    return context.json({ replica });
  });
  app.delete('/documents/:name', async (context) => {
    requireJson(context);
    return change(context, (visit) => visit.delete());
  });
  app.post('/documents/:name/undelete', async (context) => {
    await body(context);
    return change(context, (visit) => visit.undelete());
  });
  app.post('/documents/:name/stateless', async (context) => {
    const document = nameOf(context.req.param('name'));
    const { payload } = await body(context);
    if (typeof payload !== 'string') throw new SyncError('bad_request', 'payload is not a text');
    return context.json({ document, told: stateless.broadcast(document, payload) });
  });
  app.all('*', () => {
    throw new SyncError('not_found', 'there is no such path');
  });
  return app;

  async function change(
    context: Context<AdminEnvironment, '/documents/:name'>,
    what: (visit: Visit) => Promise<boolean>,
  ): Promise<Response> {
    const document = nameOf(context.req.param('name'));
    const visit = documents.visit(document);
    try {
      if (!(await what(visit))) throw new SyncError('not_found');
    } finally {
      visit.end();
    }
    return context.json({ document });
  }
}

/** Throws `bad_origin`, `unauthenticated`, `token_expired` or `forbidden`. */
async function checkAccess({ access, isOriginAllowed }: AdminSettings, context: AdminContext): Promise<void> {
  const { req } = context;
  // A page whose own name has been made to point here asks without an origin, and names itself as the host.
  const origin = req.header('origin') ?? (access.isOpen ? `http://${req.header('host') ?? ''}` : undefined);
  if (origin !== undefined && !isOriginAllowed(origin)) throw new SyncError('bad_origin');
  const principal = await access.identify({
    token: /^Bearer +(\S+)$/i.exec(req.header('authorization') ?? '')?.[1],
    address: context.env.incoming?.socket.remoteAddress ?? '',
  });
  if (!principal.isAdmin) throw new SyncError('forbidden', 'the token has no claim admin');
}

/** What a page of another origin can send without being asked is no JSON. Throws `bad_request`. */
function requireJson({ req }: AdminContext): void {
  if (!/^application\/json *(;|$)/i.test(req.header('content-type') ?? ''))
    throw new SyncError('bad_request', 'the content-type is not application/json');
}

/** The fields of the JSON object in the body; an empty body has none. Throws `bad_request`. */
async function body(context: AdminContext): Promise<Readonly<Record<string, unknown>>> {
  requireJson(context);
  const text = await context.req.text();
  let value: unknown;
  try {
    value = text === '' ? {} : JSON.parse(text);
  } catch {
    throw new SyncError('bad_request', 'the body is not JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new SyncError('bad_request', 'the body is not a JSON object');
  return value as Readonly<Record<string, unknown>>;
}

/** Throws `bad_document_name`. */
function nameOf(value: unknown): DocumentName {
  return documentName(value as string);
}

function refusalOf(error: Error): SyncError {
  if (error instanceof SyncError) return error;
  if (error instanceof CommitFailed || error instanceof CorruptRow) return new SyncError('unavailable');
  return new SyncError('internal');
}

function answerRefusal(context: AdminContext, { code, message, docs }: SyncError): Response {
  const status = httpStatus[code];
  if (status === 401) context.header('www-authenticate', 'Bearer');
  return context.json({ error: { code, message, docs } }, status);
}
