// One run of the server: the shipped core, dialects and socket edge between a disk and the network. When it is killed its
// timers, promises and sockets end where they are.
import { noAccessControl } from '@syncline/server/auth/none.ts';
import { Documents } from '@syncline/server/core/documents.ts';
import { NativeSession } from '@syncline/server/dialect/native/session.ts';
import { YWebsocketSession } from '@syncline/server/dialect/y-websocket.ts';
import { YjsEngine } from '@syncline/server/engine/yjs.ts';
import { Connection } from '@syncline/server/socket/connection.ts';
import {
  defaultMaxDocumentsPerSocket,
  defaultMaxFrameBytes,
  socketSweepMs,
} from '@syncline/server/socket/limits.ts';
import { documentName, SyncError } from '@syncline/shared';
import type { Disk } from './disk.ts';
import { DiskJournal, type DiskManners } from './disk-journal.ts';
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

export interface ServerSurroundings {
  readonly schedule: Schedule;
  readonly disk: Disk;
  readonly trace: Trace;
  readonly paths: RarePaths;
  readonly manners: DiskManners & TaskManners & { identifyMs(): number };
  /** Called with everything that the server says, before it goes out. */
  sending(sending: Sending): void;
  readonly fail: (error: unknown) => void;
}

export class ServerProcess implements Door {
  readonly documents: Documents;
  readonly journal: DiskJournal;
  readonly #life: Life;
  readonly #surroundings: ServerSurroundings;
  readonly #observed: Observed;
  readonly #engine: YjsEngine;
  readonly #sockets = new Map<ServerSocket, Connection>();
  #isDraining = false;
  #onNoSocket: (() => void) | undefined;

  constructor(surroundings: ServerSurroundings) {
    const { schedule, disk, manners, paths, trace, fail } = surroundings;
    this.#surroundings = surroundings;
    this.#life = new Life(schedule);
    this.#observed = new Observed(paths, trace, fail);
    this.journal = new DiskJournal(disk, this.#life, manners);
    this.#engine = new YjsEngine(disk.digestKey, () => new VirtualTasks(this.#life, manners));
    this.documents = new Documents({
      clock: this.#life,
      engine: this.#engine,
      journal: this.journal,
      observe: this.#observed,
    });
    this.#life.every(socketSweepMs, () => {
      if (this.#isDraining) return;
      for (const connection of this.#sockets.values()) connection.sweep(this.#life.now());
    });
  }

  accept(path: string, from: string): ServerSocket | undefined {
    if (this.#isDraining || this.#life.isOver) return undefined;
    const socket = new ServerSocket(this.#life);
    const connection = new Connection(socket.asWebSocket, socket.asStream, {
      clock: this.#life,
      observe: this.#observed,
    });
    this.#sockets.set(socket, connection);
    socket.onSend = (frame) => {
      const { bufferedAmount: bufferedBytes, weight } = socket;
      this.#surroundings.sending({ path, to: from, frame, bufferedBytes, weight });
    };
    socket.onTerminate = () => this.#surroundings.paths.saw('half-open link found by the server');
    socket.once('close', () => {
      this.#sockets.delete(socket);
      if (this.#sockets.size === 0) this.#onNoSocket?.();
    });
    if (path === nativePath) this.#openNative(connection);
    else void this.#openYjs(connection, socket, path);
    return socket;
  }

  /** Ends on the spot. */
  kill(): void {
    this.#life.end();
    for (const socket of this.#sockets.keys()) {
      socket.readyState = 3;
      socket.removeAllListeners();
      socket.stream.removeAllListeners();
    }
  }

  /** As on SIGTERM; resolves when the process would end. Never if it is killed before. */
  async drain(): Promise<void> {
    this.#isDraining = true;
    for (const connection of this.#sockets.values()) connection.pause();
    await this.documents.drain();
    const { close, message } = new SyncError('going_away');
    for (const connection of this.#sockets.values()) connection.close(close, message);
    if (this.#sockets.size > 0) await new Promise<void>((resolve) => (this.#onNoSocket = resolve));
    await this.#engine.stop();
    await this.journal.stop();
  }

  #openNative(connection: Connection): void {
    const { replica, epoch } = this.journal;
    connection.attach(
      new NativeSession(connection, {
        replica,
        epoch,
        durability: 'full',
        maxFrameBytes: defaultMaxFrameBytes,
        maxChannels: defaultMaxDocumentsPerSocket,
        observe: this.#observed,
        opens: () => 0,
        after: (delayMs, action) => void this.#life.after(delayMs, action),
        validFor: (milliseconds) => connection.validFor(milliseconds),
        isInLineage: (of, sequence) => this.journal.isInLineage(of, sequence),
        identify: () => this.#identify(),
        open: (name, speaker, grants) => this.documents.open(name, speaker, grants),
      }),
    );
  }

  async #openYjs(connection: Connection, socket: ServerSocket, path: string): Promise<void> {
    socket.pause();
    await this.#identify();
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

  async #identify() {
    await new Promise<void>((resolve) => this.#life.after(this.#surroundings.manners.identifyMs(), resolve));
    return noAccessControl.identify({ token: undefined, address: '' });
  }
}
