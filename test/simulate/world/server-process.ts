// One run of a server: the shipped core, dialects, replication and socket edge between a disk and the network. When it is killed
// its timers, promises and sockets end where they are.
import { Documents } from '@syncline/server/core/documents.ts';
import { NativeSession } from '@syncline/server/dialect/native/session.ts';
import { YWebsocketSession } from '@syncline/server/dialect/y-websocket.ts';
import { YjsEngine } from '@syncline/server/engine/yjs.ts';
import { enginesOf } from '@syncline/server/port/engine.ts';
import type { Dial, Dialing } from '@syncline/server/port/dialer.ts';
import type { Notice } from '@syncline/server/port/observe.ts';
import type { Secret } from '@syncline/server/port/secret.ts';
import { Replication } from '@syncline/server/replication/replication.ts';
import { Connection } from '@syncline/server/socket/connection.ts';
import {
  defaultMaxDocumentsPerSocket,
  defaultMaxFrameBytes,
  socketSweepMs,
} from '@syncline/server/socket/limits.ts';
import { replicaPath } from '@syncline/server/socket/sockets.ts';
import { documentName, SyncError } from '@syncline/shared';
import type { SeededRandom } from '../../support/random.ts';
import type { Disk } from './disk.ts';
import { DiskJournal, type DiskManners } from './disk-journal.ts';
import type { Identify } from './judge.ts';
import type { Door } from './network.ts';
import { Observed } from './observed.ts';
import type { RarePaths } from './rare-paths.ts';
import { Life, type Schedule } from './schedule.ts';
import { ServerSocket } from './server-socket.ts';
import type { Trace } from './trace.ts';
import { type TaskManners, VirtualTasks } from './virtual-tasks.ts';

/** Clients of the native protocol come by this path; all others name their document with theirs. */
export const nativePath = '/sync';

export interface Sending {
  readonly path: string;
  readonly to: string;
  readonly frame: Uint8Array;
  /** What waits for the same reader already, each byte counted `weight` times. */
  readonly bufferedBytes: number;
  readonly weight: number;
}

/** What a server knows of its cluster. */
export interface Membership {
  readonly secret: Secret;
  /** What is dialed; names of machines. */
  readonly peers: readonly string[];
  readonly wallClock: () => number;
  dial(process: ServerProcess, to: string, dialing: Dialing): Dial;
}

export interface ServerSurroundings {
  readonly name: string;
  readonly schedule: Schedule;
  readonly random: SeededRandom;
  readonly disk: Disk;
  readonly trace: Trace;
  readonly paths: RarePaths;
  readonly manners: DiskManners & TaskManners & { identifyMs(): number };
  readonly membership: Membership;
  /** For each session of the native protocol. */
  readonly judge: () => Identify;
  /** Called with everything that the server says, before it goes out. */
  readonly sending: (sending: Sending) => void;
  readonly fail: (error: unknown) => void;
  readonly isUnheardOf?: ((notice: Notice) => boolean) | undefined;
}

/** Whether a stock client is told something of its document, and not of who is there. */
function isOfDocument(path: string, [type]: Uint8Array): boolean {
  return path !== nativePath && path !== replicaPath && type === 0;
}

export class ServerProcess implements Door {
  readonly life: Life;
  readonly documents: Documents;
  readonly journal: DiskJournal;
  readonly replication: Replication;
  readonly #surroundings: ServerSurroundings;
  readonly #observed: Observed;
  readonly #engine: YjsEngine;
  readonly #sockets = new Map<ServerSocket, Connection>();
  #isOpen = false;
  #onNoSocket: (() => void) | undefined;

  constructor(surroundings: ServerSurroundings) {
    const { name, schedule, disk, manners, membership, random } = surroundings;
    this.#surroundings = surroundings;
    const clock = (this.life = new Life(schedule));
    const observe = (this.#observed = new Observed(name, surroundings));
    const journal = (this.journal = new DiskJournal(disk, clock, manners));
    const engine = (this.#engine = new YjsEngine(disk.digestKey, () => new VirtualTasks(clock, manners)));
    const context = { clock, engines: enginesOf(engine), journal, observe };
    const documents = (this.documents = new Documents(context));
    this.replication = new Replication({
      ...context,
      documents,
      secret: membership.secret,
      random: { fraction: () => random.below(1_000) / 1_000 },
      dialer: { dial: (url, dialing) => membership.dial(this, url, dialing) },
      name,
      cluster: 'simulated',
      peers: membership.peers,
      durability: disk.durability,
      wallClock: membership.wallClock,
      maxFrameBytes: defaultMaxFrameBytes,
    });
    clock.every(socketSweepMs, () => {
      if (!this.#isOpen) return;
      for (const connection of this.#sockets.values()) connection.sweep(clock.now());
    });
  }

  /** Lets in. Rejects with CorruptRow. */
  async start(): Promise<void> {
    await this.replication.start();
    this.#isOpen = true;
  }

  accept(path: string, from: string): ServerSocket | undefined {
    if (!this.#isOpen || this.life.isOver) return undefined;
    const { socket, connection } = this.#enter(path, from);
    if (path === replicaPath) this.#openReplica(connection);
    else if (path === nativePath) this.#openNative(connection);
    else void this.#openYjs(connection, socket, path);
    return socket;
  }

  /** A machine that was dialed has let us in; `attach` is given our end before anything is said. */
  opened(to: string, dialing: Dialing, attach: (socket: ServerSocket) => void): void {
    const { socket, connection } = this.#enter(replicaPath, to);
    attach(socket);
    connection.attach(dialing.open(connection, () => {}));
  }

  /** Ends on the spot. */
  kill(): void {
    this.#isOpen = false;
    this.life.end();
    for (const socket of this.#sockets.keys()) {
      socket.readyState = 3;
      socket.removeAllListeners();
      socket.stream.removeAllListeners();
    }
  }

  /** As on SIGTERM; resolves when the process would end. Never if it is killed before. */
  async drain(): Promise<void> {
    this.#isOpen = false;
    for (const connection of this.#sockets.values()) connection.stopReading();
    await this.documents.drain();
    this.replication.stop();
    const { close, message } = new SyncError('going_away');
    for (const connection of this.#sockets.values()) connection.close(close, message);
    if (this.#sockets.size > 0) await new Promise<void>((resolve) => (this.#onNoSocket = resolve));
    await this.#engine.stop();
    await this.journal.stop();
  }

  #enter(path: string, other: string): { socket: ServerSocket; connection: Connection } {
    const { paths, sending } = this.#surroundings;
    const socket = new ServerSocket(this.life);
    const connection = new Connection(socket.asWebSocket, socket.asStream, {
      clock: this.life,
      observe: this.#observed,
    });
    this.#sockets.set(socket, connection);
    socket.onSend = (frame) => {
      if (isOfDocument(path, frame))
        socket.incarnation ??= this.#surroundings.disk.find(documentName(path))?.incarnation ?? 1;
      const { bufferedAmount: bufferedBytes, weight } = socket;
      sending({ path, to: other, frame, bufferedBytes, weight });
    };
    socket.onTerminate = () => paths.saw('half-open link found by the server');
    socket.once('close', () => {
      this.#sockets.delete(socket);
      if (this.#sockets.size === 0) this.#onNoSocket?.();
    });
    return { socket, connection };
  }

  #openReplica(connection: Connection): void {
    connection.isUnknown();
    connection.attach(this.replication.accept(connection, () => connection.isKnown()));
  }

  #openNative(connection: Connection): void {
    const { journal } = this;
    const identify = this.#surroundings.judge();
    connection.attach(
      new NativeSession(connection, {
        replica: journal.replica,
        get epoch() {
          return journal.epoch;
        },
        confirm: this.replication,
        durability: this.#surroundings.disk.durability,
        maxFrameBytes: defaultMaxFrameBytes,
        maxChannels: defaultMaxDocumentsPerSocket,
        observe: this.#observed,
        opens: () => 0,
        after: (delayMs, action) => void this.life.after(delayMs, action),
        validFor: (milliseconds) => connection.validFor(milliseconds),
        isInLineage: (of, sequence) => journal.isInLineage(of, sequence),
        identify: async (token) => {
          await this.#beforeIdentified();
          return identify(token);
        },
        open: (name, speaker, grants) => this.documents.open(name, speaker, grants),
      }),
    );
  }

  async #openYjs(connection: Connection, socket: ServerSocket, path: string): Promise<void> {
    socket.pause();
    await this.#beforeIdentified();
    if (socket.readyState !== socket.OPEN) return;
    const session = new YWebsocketSession(connection);
    connection.attach(session);
    try {
      session.begin(this.documents.open(documentName(path), session));
    } catch (error) {
      if (!(error instanceof SyncError)) throw error;
      return connection.close(error.close, error.message);
    }
    socket.resume();
  }

  #beforeIdentified(): Promise<void> {
    return new Promise((resolve) => this.life.after(this.#surroundings.manners.identifyMs(), resolve));
  }
}
