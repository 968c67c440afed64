// The sockets of the tab that leads: one for each server and user, shared by the connections of all tabs.
import type { Platform, Socket, SocketListener } from '../sync/platform.ts';
import { SharedSocket } from './shared-socket.ts';
import { lostCode, VirtualConnection } from './virtual-connection.ts';

export class Multiplexer {
  readonly #platform: Platform;
  readonly #sockets = new Set<SharedSocket>();

  constructor(platform: Platform) {
    this.#platform = platform;
  }

  /** As a platform's. */
  connect(url: string, listener: SocketListener): Socket {
    const connection = new VirtualConnection(listener, this.#platform.now());
    this.#carry(
      connection,
      url,
      [...this.#sockets].find((socket) => socket.url === url && socket.hasRoom),
    );
    return connection;
  }

  /** Everything is closed, and all who had something open may try again. */
  end(): void {
    for (const socket of this.#sockets) socket.end();
  }

  #carry(connection: VirtualConnection, url: string, socket = this.#open(url)): void {
    socket.add(connection);
  }

  #open(url: string): SharedSocket {
    const socket: SharedSocket = new SharedSocket(url, this.#platform, {
      elsewhere: (connection, hello) => this.#carryElsewhere(connection, url, hello),
      ended: () => void this.#sockets.delete(socket),
    });
    this.#sockets.add(socket);
    return socket;
  }

  /** Another user, or another version of the app's protocol, has a socket of its own. */
  #carryElsewhere(connection: VirtualConnection, url: string, hello: Uint8Array): void {
    const alike = [...this.#sockets].find((socket) => socket.url === url && socket.isFor(hello));
    connection.waitingHello = hello;
    try {
      this.#carry(connection, url, alike);
    } catch (error) {
      this.#platform.report(error);
      connection.ended(lostCode);
    }
  }
}
