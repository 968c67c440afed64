// The door for WebSockets: who may come in by which path, and one sweep over all that are open.
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { documentName, type DocumentName, SyncError } from '@syncline/shared';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Documents } from '../core/documents.ts';
import { Peers } from '../dialect/automerge-repo/peers.ts';
import {
  AutomergeRepoSession,
  refusalFrame,
  type AutomergeRepoSettings,
} from '../dialect/automerge-repo/session.ts';
import { HocuspocusSession } from '../dialect/hocuspocus/session.ts';
import type { Stateless } from '../dialect/hocuspocus/stateless.ts';
import { WaitingRoom } from '../dialect/hocuspocus/waiting.ts';
import { NativeSession, type NativeSettings } from '../dialect/native/session.ts';
import { YWebsocketSession } from '../dialect/y-websocket.ts';
import type { Access, Principal } from '../port/access.ts';
import type { Clock, Timer } from '../port/clock.ts';
import type { Observe } from '../port/observe.ts';
import type { Outbox } from '../port/outbox.ts';
import type { Session } from '../port/session.ts';
import { maxWaitingBytes } from '../dialect/hocuspocus/limits.ts';
import { BoundedWebSocket } from './bounded-web-socket.ts';
import { Connection } from './connection.ts';
import { openBurstSeconds, socketSweepMs, socketSweepParts, maxReplicaFrameBytes } from './limits.ts';
import { type Visit, Visitors } from './visitors.ts';

export interface SocketsSettings {
  readonly clock: Clock;
  readonly observe: Observe;
  readonly access: Access;
  readonly documents: Documents;
  /** What providers of Hocuspocus say and are told beside their documents. */
  readonly stateless: Stateless;
  /** What the native protocol tells of this replica; its largest frame is that of all sockets. */
  readonly replica: Omit<NativeSettings, 'identify' | 'open' | 'opens' | 'after' | 'validFor' | 'observe'>;
  /** What clients of automerge-repo need of the Automerge engine, and of whoever knows documents by id. */
  readonly automerge: Pick<AutomergeRepoSettings, 'format' | 'nameOf'>;
  readonly maxSocketsPerAddress: number;
  readonly maxSocketsPerPrincipal: number;
  readonly maxOpensPerSecond: number;
  /** Whether pages of this origin may connect. Browsers leave that to the server. */
  readonly isOriginAllowed: (origin: string) => boolean;
  /**
   * Begins the session of a replica that has dialed us; `isKnown` is called when it has proved that it is of this cluster. Without
   * this no replica is let in.
   */
  readonly acceptReplica?: ((outbox: Outbox, isKnown: () => void) => Session) | undefined;
}

/** Who knocks, as the request for the upgrade says. */
interface Visitor {
  readonly url: string;
  readonly origin: string | undefined;
  readonly address: string;
}

/** Somebody who has been let in as far as the socket. */
interface Entered extends Visitor {
  readonly visit: Visit;
}

const yjsPath = '/yjs/';
const nativePath = '/sync';
const hocuspocusPath = '/hocuspocus';
const automergePath = '/automerge';
/** Where a replica dials another one. */
export const replicaPath = '/replicate';

export class Sockets {
  readonly #settings: SocketsSettings;
  readonly #server: WebSocketServer;
  readonly #replicas: WebSocketServer;
  readonly #connections = new Set<Connection>();
  /** The connections, dealt out: each part is looked at in its turn. */
  readonly #parts = Array.from({ length: socketSweepParts }, () => new Set<Connection>());
  #dealt = 0;
  #swept = 0;
  readonly #peers = new Peers();
  readonly #addresses: Visitors;
  readonly #principals: Visitors;
  readonly #waitingRoom = new WaitingRoom();
  readonly #sweep: Timer;
  #isDraining = false;
  #onEmpty: (() => void) | undefined;

  constructor(settings: SocketsSettings) {
    this.#settings = settings;
    const { clock, maxOpensPerSecond: perSecond } = settings;
    const openRate = { perSecond, atOnce: perSecond * openBurstSeconds };
    this.#addresses = new Visitors(clock, { maxSockets: settings.maxSocketsPerAddress, openRate });
    this.#principals = new Visitors(clock, { maxSockets: settings.maxSocketsPerPrincipal, openRate });
    this.#server = webSocketServer(settings.replica.maxFrameBytes);
    this.#replicas = webSocketServer(maxReplicaFrameBytes(settings.replica.maxFrameBytes));
    this.#sweep = clock.every(socketSweepMs / socketSweepParts, () => this.#sweepPart(clock.now()));
  }

  get count(): number {
    return this.#connections.size;
  }

  /** The `upgrade` listener of the HTTP server. */
  upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    // Node has taken its own listener away: an error of this stream would end the process.
    stream.on('error', () => stream.destroy());
    const url = request.url ?? '/';
    if (this.#isDraining || !isPath(url)) {
      const status = this.#isDraining ? '503 Service Unavailable' : '404 Not Found';
      // Destroyed when it is said: a peer that never closes its half would keep the descriptor.
      stream.end(`HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n`, () => stream.destroy());
      return;
    }
    const visitor = { url, origin: request.headers.origin, address: request.socket.remoteAddress ?? '' };
    const server = isAt(url, replicaPath) ? this.#replicas : this.#server;
    // What a session says at once goes out with the answer to the upgrade: the client hears it before it does anything else.
    stream.cork();
    process.nextTick(() => stream.uncork());
    server.handleUpgrade(request, stream, head, (socket) => {
      void this.#open(new Connection(socket, stream, this.#settings), socket, visitor);
    });
  }

  /** Lets nobody in and reads nothing more. The first step down: what has been read can then be committed and sent. */
  stopReading(): void {
    this.#isDraining = true;
    this.#sweep.cancel();
    for (const connection of this.#connections) connection.stopReading();
  }

  /** Tells everybody to come back, behind what is still to be sent, and resolves when all have gone or were cut off. */
  async drain(): Promise<void> {
    const { close, message } = new SyncError('going_away');
    for (const connection of this.#connections) connection.close(close, message);
    if (this.#connections.size > 0) await new Promise<void>((resolve) => (this.#onEmpty = resolve));
  }

  /** Takes in a connection that was dialed from here: it is swept and drained as all others are. */
  adopt(connection: Connection, socket: WebSocket): void {
    this.#keep(connection, socket);
    if (!this.#isDraining) return;
    const { close, message } = new SyncError('going_away');
    connection.close(close, message);
  }

  #keep(connection: Connection, socket: WebSocket): void {
    const part = this.#parts[this.#dealt++ % socketSweepParts]!;
    this.#connections.add(connection);
    part.add(connection);
    this.#settings.observe.connectionOpened();
    socket.once('close', () => {
      this.#connections.delete(connection);
      part.delete(connection);
      if (this.#connections.size === 0) this.#onEmpty?.();
    });
  }

  #sweepPart(now: number): void {
    const at = this.#swept++ % socketSweepParts;
    for (const connection of this.#parts[at]!) connection.sweep(now);
    if (at > 0) return;
    this.#addresses.sweep();
    this.#principals.sweep();
  }

  async #open(connection: Connection, socket: WebSocket, visitor: Visitor): Promise<void> {
    const { observe } = this.#settings;
    this.#keep(connection, socket);
    try {
      const { url, origin, address } = visitor;
      const visit = this.#addresses.enter(address);
      socket.once('close', () => visit.leave());
      if (origin !== undefined && !this.#settings.isOriginAllowed(origin)) throw new SyncError('bad_origin');
      if (isAt(url, replicaPath)) this.#openReplica(connection, visitor);
      else if (isAt(url, nativePath)) this.#openNative(connection, socket, { ...visitor, visit });
      else if (isAt(url, automergePath)) await this.#openAutomerge(connection, socket, { ...visitor, visit });
      else if (isHocuspocus(url)) this.#openHocuspocus(connection, socket, { ...visitor, visit });
      else await this.#openYjs(connection, socket, { ...visitor, visit });
    } catch (error) {
      const refusal = error instanceof SyncError ? error : new SyncError('internal');
      if (refusal !== error) observe.notice({ event: 'internal-error', reason: String(error) });
      connection.close(refusal.close, refusal.message);
    }
  }

  /** The session finds out whether it is a replica of this cluster; until then little is read of it. */
  #openReplica(connection: Connection, { origin }: Visitor): void {
    // No page of any origin is a replica.
    if (origin !== undefined) throw new SyncError('bad_origin');
    const { acceptReplica } = this.#settings;
    if (!acceptReplica) throw new SyncError('forbidden', 'replicas need a cluster key here');
    connection.isUnknown();
    connection.attach(acceptReplica(connection, () => connection.isKnown()));
  }

  /** The client says in its hello who it is, and then what it wants to open. */
  #openNative(connection: Connection, socket: WebSocket, { address, visit }: Entered): void {
    const { clock, documents, replica } = this.#settings;
    let own: Visit | undefined;
    connection.isUnknown();
    connection.attach(
      new NativeSession(connection, {
        ...replica,
        // Another one by the time of the hello, it may be.
        get epoch() {
          return replica.epoch;
        },
        observe: this.#settings.observe,
        identify: async (token) => {
          const principal = await this.#settings.access.identify({
            token: token === '' ? undefined : token,
            address,
          });
          own ??= this.#enterAs(principal, socket);
          connection.isKnown();
          return principal;
        },
        opens: () => Math.max(visit.opens(), own?.opens() ?? 0),
        after: (delayMs, action) => void clock.after(delayMs, action),
        open: (name, speaker, grants) => documents.open(name, speaker, grants),
        validFor: (milliseconds) => connection.validFor(milliseconds),
      }),
    );
  }

  /** Each document comes with a token of its own, and they may be of several principals. */
  #openHocuspocus(connection: Connection, socket: WebSocket, { address, visit }: Entered): void {
    const { clock, observe, access, documents, stateless, replica } = this.#settings;
    const own = new Map<string, Visit>();
    connection.isUnknown(maxWaitingBytes);
    const session = new HocuspocusSession(connection, {
      clock,
      observe,
      stateless,
      waitingRoom: this.#waitingRoom,
      maxChannels: replica.maxChannels,
      isOpen: access.isOpen,
      identify: async (token) => {
        const principal = await access.identify({ token: token === '' ? undefined : token, address });
        const { id } = principal;
        const visited = id === undefined || own.has(id) ? undefined : this.#enterAs(principal, socket);
        if (visited) own.set(id!, visited);
        connection.isKnown();
        return principal;
      },
      opens: () => Math.max(visit.opens(), ...Array.from(own.values(), (each) => each.opens())),
      open: (name, speaker, grants) => documents.open(name, speaker, grants),
    });
    connection.attach(session);
    session.begin();
  }

  /** Counts a socket of a principal. Throws `too_many_sockets`. */
  #enterAs({ id }: Principal, socket: WebSocket): Visit | undefined {
    if (id === undefined) return undefined;
    const visit = this.#principals.enter(id);
    if (socket.readyState === socket.CLOSED) visit.leave();
    else socket.once('close', () => visit.leave());
    return visit;
  }

  async #openAutomerge(
    connection: Connection,
    socket: WebSocket,
    { url, address, visit }: Entered,
  ): Promise<void> {
    const { clock, observe, access, documents, automerge, replica } = this.#settings;
    // Stock clients speak at once, and say nothing of who they are but in the URL.
    socket.pause();
    const principal = await access.identify({ token: tokenIn(url), address }).catch((error: unknown) => {
      // They do not look at close codes, and write this to their log.
      if (error instanceof SyncError) connection.send(refusalFrame(replica.replica, error));
      throw error;
    });
    connection.validFor(principal.validForMs);
    const own = this.#enterAs(principal, socket);
    if (socket.readyState !== socket.OPEN) return;
    connection.attach(
      new AutomergeRepoSession(connection, {
        ...automerge,
        clock,
        observe,
        principal,
        replica: replica.replica,
        peers: this.#peers,
        maxDocuments: replica.maxChannels,
        opens: () => Math.max(visit.opens(), own?.opens() ?? 0),
        open: (name, speaker, grants) => documents.open(name, speaker, { engine: 'automerge', ...grants }),
      }),
    );
    socket.resume();
  }

  async #openYjs(connection: Connection, socket: WebSocket, { url, address, visit }: Entered): Promise<void> {
    const { clock, documents } = this.#settings;
    const name = nameIn(url);
    // Stock clients speak at once: nothing is read until there is somebody to hear it.
    socket.pause();
    const principal = await this.#settings.access.identify({ token: tokenIn(url), address });
    connection.validFor(principal.validForMs);
    const own = this.#enterAs(principal, socket);
    const waitMs = Math.max(visit.opens(), own?.opens() ?? 0);
    if (waitMs > 0) await new Promise<void>((resolve) => void clock.after(waitMs, resolve));
    // It may have gone while it was identified, and nobody would close what is opened for it.
    if (socket.readyState !== socket.OPEN) return;
    if (!principal.may('read', name)) throw new SyncError('forbidden');
    const session = new YWebsocketSession(connection);
    connection.attach(session);
    session.begin(documents.open(name, session, { mayWrite: principal.may('write', name) }));
    socket.resume();
  }
}

function isPath(url: string): boolean {
  if (url.startsWith(yjsPath) || isHocuspocus(url)) return true;
  return isAt(url, nativePath) || isAt(url, automergePath) || isAt(url, replicaPath);
}

/** Whether its provider keeps the slash at its end or not. */
function isHocuspocus(url: string): boolean {
  return isAt(url, hocuspocusPath) || isAt(url, `${hocuspocusPath}/`);
}

/** With a slash behind it, as people write addresses, and whatever is in the query. */
function isAt(url: string, path: string): boolean {
  return url.startsWith(path) && /^\/?(?:\?|$)/.test(url.slice(path.length));
}

/** Stock clients can say who they are in the URL alone. */
function tokenIn(url: string): string | undefined {
  const query = url.indexOf('?');
  return query < 0 ? undefined : (new URLSearchParams(url.slice(query)).get('token') ?? undefined);
}

/** The document's name is what follows the path, up to the query, percent-decoded once. Throws `bad_document_name`. */
function nameIn(url: string): DocumentName {
  const end = url.indexOf('?');
  const encoded = url.slice(yjsPath.length, end < 0 ? url.length : end);
  let name: string;
  try {
    name = decodeURIComponent(encoded);
  } catch {
    throw new SyncError('bad_document_name', 'its percent-encoding cannot be read');
  }
  return documentName(name);
}

function webSocketServer(maxPayload: number): WebSocketServer {
  return new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload,
    perMessageDeflate: false,
    WebSocket: BoundedWebSocket,
  });
}
