// Puts the parts together: the only file that names adapters.
import { createServer, type Server } from 'node:http';
import { isIP } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import type { Logger } from 'pino';
import { isReadableByOthers } from './auth/key-file.ts';
import { noAccessControl } from './auth/none.ts';
import { TokenAccess } from './auth/token.ts';
import type { ServeOptions } from './cli/options.ts';
import { UsageError } from './cli/read-options.ts';
import { keyFrom } from './cli/token.ts';
import { systemClock } from './clock/system.ts';
import { Documents } from './core/documents.ts';
import { YjsEngine } from './engine/yjs.ts';
import { createApp } from './http/app.ts';
import { PrometheusMetrics } from './observe/prometheus.ts';
import type { Access } from './port/access.ts';
import { socketSweepMs, speakWithinMs } from './socket/limits.ts';
import { Sockets } from './socket/sockets.ts';
import { SqliteJournal } from './store/sqlite.ts';

export interface Running {
  readonly url: string;
  /** Drains: lets nobody in, commits and sends what has been read, says goodbye. Called once. */
  stop(): Promise<void>;
}

/** Starts a server. Rejects with UsageError, StoreRefused or what listening gave. */
export async function compose(options: ServeOptions, log: Logger): Promise<Running> {
  const keyFile = options['token-key-file'];
  const access: Access = keyFile === undefined ? noAccessControl : new TokenAccess(keyFrom(keyFile));
  if (keyFile !== undefined && isReadableByOthers(keyFile)) {
    log.warn({ event: 'key-readable', file: keyFile }, 'others on this machine may read the token key');
  }
  if (access.isOpen && !options.insecure && !isLoopback(options.host)) {
    throw new UsageError(
      `Listening on ${options.host} without a token key lets everybody in who can reach it; configure --token-key-file, or say --insecure if that is meant.`,
    );
  }
  const clock = systemClock;
  const metrics = new PrometheusMetrics(options.name, (notice) => log.error(notice, notice.event));
  let isLastCommitFailed = false;
  const journal = await SqliteJournal.open({
    folder: options.data,
    durability: options.durability,
    onFatal: (error) => {
      log.fatal(
        { event: 'storage-failed', reason: error.message },
        'the disk failed; restart to see what it holds',
      );
      process.exit(1);
    },
    onCommit: (seconds, updates, isCommitted) => {
      isLastCommitFailed = !isCommitted;
      metrics.committed(seconds, updates, isCommitted);
    },
  });
  const engine = new YjsEngine(journal.digestKey);
  const documents = new Documents(
    { clock, engine, journal, observe: metrics },
    { maxUpdateBytes: options['max-update'], maxDocumentBytes: options['max-document'] },
  );
  const origins = new Set(options.origin?.split(',').map((origin) => origin.trim().replace(/\/$/, '')));
  const sockets = new Sockets({
    clock,
    observe: metrics,
    access,
    documents,
    replica: {
      replica: journal.replica,
      epoch: journal.epoch,
      durability: options.durability,
      maxFrameBytes: options['max-frame'],
      maxChannels: options['max-documents-per-socket'],
      isInLineage: (epoch, sequence) => journal.isInLineage(epoch, sequence),
    },
    maxSocketsPerAddress: options['max-sockets-per-address'],
    maxSocketsPerPrincipal: options['max-sockets-per-principal'],
    maxOpensPerSecond: options['max-opens-per-second'],
    // A page of another origin has no token unless somebody gave it one: browsers send none by themselves.
    isOriginAllowed: (origin) =>
      options.insecure ||
      origins.has(origin) ||
      (access.isOpen ? isLoopbackOrigin(origin) : origins.size === 0),
  });
  metrics.watch({
    connections: () => sockets.count,
    documents: () => documents.count,
    queuedBytes: () => documents.queuedBytes,
    storage: () => journal.statistics(),
  });

  let isDraining = false;
  const app = createApp({
    durability: options.durability,
    whyNotReady: async () => {
      if (isDraining) return 'draining';
      if (isLastCommitFailed) return 'the last commit failed';
      return journal.statistics().then(
        () => undefined,
        () => 'storage cannot be read',
      );
    },
    metrics: async () => ({
      contentType: metrics.registry.contentType,
      text: await metrics.registry.metrics(),
    }),
  });
  const answer = getRequestListener(app.fetch);
  const patience = { headersTimeout: speakWithinMs, connectionsCheckingInterval: socketSweepMs };
  const server = createServer(patience, (request, response) => void answer(request, response));
  server.on('upgrade', (request, stream, head) => sockets.upgrade(request, stream, head));

  const stop = async (): Promise<void> => {
    isDraining = true;
    sockets.stopReading();
    await documents.drain();
    await sockets.drain();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await engine.stop();
    await journal.stop();
  };
  try {
    await listen(server, options);
  } catch (error) {
    await stop();
    throw error;
  }
  const url = urlOf(server, options.host);
  log.info({ event: 'serving', url, data: options.data, durability: options.durability }, 'serving');
  return { url, stop };
}

function listen(server: Server, { host, port }: ServeOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => resolve());
  });
}

function urlOf(server: Server, host: string): string {
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return `http://${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
}

/**
 * Without authentication any page that a browser on this machine shows could read and write every document: browsers do not
 * keep pages from opening WebSockets elsewhere. A name that an attacker makes point here is no loopback name.
 */
function isLoopbackOrigin(origin: string): boolean {
  return URL.canParse(origin) && isLoopback(new URL(origin).hostname.replace(/^\[|\]$/g, ''));
}

function isLoopback(host: string): boolean {
  // Browsers take every name below localhost for this machine, whatever a name server says.
  return (
    host === 'localhost' || host.endsWith('.localhost') || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host)
  );
}
