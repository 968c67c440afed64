// Puts the parts together: the only file that names adapters.
import { createServer, type Server } from 'node:http';
import { isIP } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { bytesOfDocumentId, documentName } from '@syncline/shared';
import type { Logger } from 'pino';
import { ClusterSecret } from './auth/cluster-secret.ts';
import { changeFormat } from './engine/automerge/change-format.ts';
import { stopEngines } from './engine/engines.ts';
import { isReadableByOthers } from './auth/key-file.ts';
import { noAccessControl } from './auth/none.ts';
import { TokenAccess } from './auth/token.ts';
import { clusterOf } from './cli/cluster.ts';
import { joinCluster } from './cli/join-cluster.ts';
import type { ServeOptions } from './cli/options.ts';
import { UsageError } from './cli/read-options.ts';
import { keyFrom } from './cli/token.ts';
import { systemClock } from './clock/system.ts';
import { Documents } from './core/documents.ts';
import { type OnStateless, Stateless } from './dialect/hocuspocus/stateless.ts';
import { createApp } from './http/app.ts';
import { logNotice } from './observe/log.ts';
import { PrometheusMetrics } from './observe/prometheus.ts';
import type { Access } from './port/access.ts';
import { Replication } from './replication/replication.ts';
import { SocketDialer } from './socket/dialer.ts';
import { socketSweepMs, speakWithinMs } from './socket/limits.ts';
import { isLoopback, isLoopbackOrigin } from './socket/loopback.ts';
import { Sockets } from './socket/sockets.ts';
import { SqliteJournal } from './store/sqlite.ts';

export interface Running {
  readonly url: string;
  /** Drains: lets nobody in, commits and sends what has been read, says goodbye. Called once. */
  stop(): Promise<void>;
}

/** What whoever starts a server in code may add to it. */
export interface Hooks {
  /** A provider of Hocuspocus has said something beside its document. */
  readonly onStateless?: OnStateless;
}

/** Starts a server. Rejects with UsageError, StoreRefused or what listening gave. */
export async function compose(
  options: ServeOptions,
  log: Logger,
  { onStateless }: Hooks = {},
): Promise<Running> {
  const cluster = clusterOf(options);
  const access = accessFor(options);
  warnOfReadableKeys([options['token-key-file'], options['cluster-key-file']], log);
  const clock = systemClock;
  const metrics = new PrometheusMetrics((notice) => logNotice(log, notice));
  let isLastCommitFailed = false;
  const secret = new ClusterSecret(cluster.key);
  const digestKey = cluster.isReplicated ? secret.digestKey(cluster.name) : undefined;
  const journal = await SqliteJournal.open({
    folder: options.data,
    durability: options.durability,
    digestKey,
    onFatal: (error) => {
      log.fatal(
        { event: 'storage-failed', reason: error.message },
        'the disk failed; restart to see what it holds',
      );
      process.exit(1);
    },
    onDamaged: (reason) => metrics.notice({ event: 'row-corrupt', reason }),
    onCommit: (seconds, updates, isCommitted) => {
      isLastCommitFailed = !isCommitted;
      metrics.committed(seconds, updates, isCommitted);
    },
  });
  const hasPeers = cluster.peers.length > 0;
  const { engines, isOfCluster } = await joinCluster(journal, { digestKey, hasPeers }, log).catch(
    async (error: unknown) => {
      await journal.stop();
      throw error;
    },
  );
  const context = { clock, engines, journal, observe: metrics };
  const documents = new Documents(context, {
    maxUpdateBytes: options['max-update'],
    maxDocumentBytes: options['max-document'],
  });
  const maxFrameBytes = options['max-frame'];
  const replication = new Replication({
    ...context,
    documents,
    secret,
    random: { fraction: Math.random },
    dialer: new SocketDialer({
      clock,
      observe: metrics,
      maxFrameBytes,
      adopt: (connection, socket) => sockets.adopt(connection, socket),
    }),
    name: options.name,
    cluster: cluster.name,
    peers: cluster.peers,
    durability: options.durability,
    wallClock: Date.now,
    maxFrameBytes,
  });
  const origins = new Set(options.origin?.split(',').map((origin) => origin.trim().replace(/\/$/, '')));
  // A page of another origin has no token unless somebody gave it one: browsers send none by themselves.
  const isOriginAllowed = (origin: string): boolean =>
    options.insecure ||
    origins.has(origin) ||
    (access.isOpen ? isLoopbackOrigin(origin) : origins.size === 0);
  const stateless = new Stateless(metrics, onStateless);
  const sockets = new Sockets({
    clock,
    observe: metrics,
    access,
    documents,
    stateless,
    automerge: {
      format: changeFormat,
      nameOf: async (documentId) => {
        const alias = bytesOfDocumentId(documentId);
        return (alias && (await journal.named(alias))) ?? documentName(documentId);
      },
    },
    replica: {
      replica: journal.replica,
      // It begins anew when another replica proves that this one went on from an older state.
      get epoch() {
        return journal.epoch;
      },
      confirm: replication,
      durability: options.durability,
      maxFrameBytes,
      maxChannels: options['max-documents-per-socket'],
      isInLineage: (epoch, sequence) => journal.isInLineage(epoch, sequence),
    },
    maxSocketsPerAddress: options['max-sockets-per-address'],
    maxSocketsPerPrincipal: options['max-sockets-per-principal'],
    maxOpensPerSecond: options['max-opens-per-second'],
    isOriginAllowed,
    acceptReplica: isOfCluster ? (outbox, isKnown) => replication.accept(outbox, isKnown) : undefined,
  });
  metrics.watch({
    connections: () => sockets.count,
    documents: () => documents.count,
    queuedBytes: () => documents.queuedBytes,
    storage: () => journal.statistics(),
  });
  metrics.watchCluster(() => replication.status());

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
      text: await metrics.render(),
    }),
    admin: { access, isOriginAllowed, replication, documents, stateless, observe: metrics },
  });
  const answer = getRequestListener(app.fetch);
  const patience = { headersTimeout: speakWithinMs, connectionsCheckingInterval: socketSweepMs };
  const server = createServer(patience, (request, response) => void answer(request, response));
  server.on('upgrade', (request, stream, head) => sockets.upgrade(request, stream, head));

  const stop = async (): Promise<void> => {
    isDraining = true;
    sockets.stopReading();
    await documents.drain();
    // Links go last: what was committed on the way down still goes out.
    replication.stop();
    await sockets.drain();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await stopEngines(engines);
    await journal.stop();
  };
  try {
    await replication.start();
    await listen(server, options);
  } catch (error) {
    await stop();
    throw error;
  }
  const url = urlOf(server, options.host);
  log.info({ event: 'serving', url, data: options.data, durability: options.durability }, 'serving');
  return { url, stop };
}

/** Who is let in. Throws UsageError. */
function accessFor({ 'token-key-file': keyFile, host, insecure }: ServeOptions): Access {
  if (keyFile !== undefined) return new TokenAccess(keyFrom(keyFile));
  if (!insecure && !isLoopback(host)) {
    throw new UsageError(
      `Listening on ${host} without a token key lets everybody in who can reach it; configure --token-key-file, or say --insecure if that is meant.`,
    );
  }
  return noAccessControl;
}

/** Called when the files have been read. */
function warnOfReadableKeys(files: readonly (string | undefined)[], log: Logger): void {
  for (const file of files) {
    if (file === undefined || !isReadableByOthers(file)) continue;
    log.warn({ event: 'key-readable', file }, 'others on this machine may read the key');
  }
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
