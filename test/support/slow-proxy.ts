// A link between a client and a server, as slow as is asked for in each direction, that can be cut.
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { setTimeout as pause } from 'node:timers/promises';

export interface LinkSettings {
  /** Port of the server on this machine. */
  readonly port: number;
  /** In each direction; as fast as the machine where it is not given. */
  readonly bytesPerSecond?: number;
}

/** A link passes its bytes on so many times a second. */
const piecesPerSecond = 20;

export class SlowProxy implements AsyncDisposable {
  readonly #server: Server;
  readonly #settings: LinkSettings;
  readonly #sockets = new Set<Socket>();
  /** How many connections have been made through it. */
  connections = 0;
  #isDown = false;

  private constructor(settings: LinkSettings) {
    this.#settings = settings;
    this.#server = createServer((near) => this.#join(near));
  }

  static async open(settings: LinkSettings): Promise<SlowProxy> {
    const proxy = new SlowProxy(settings);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  /** The url of the client SDK, through this link. */
  get sync(): string {
    return `ws://127.0.0.1:${(this.#server.address() as AddressInfo).port}/sync`;
  }

  /** Ends all connections that there are, without a word. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Ends all connections, and lets nobody through until `up`. */
  down(): void {
    this.#isDown = true;
    this.cut();
  }

  up(): void {
    this.#isDown = false;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    this.cut();
    await once(this.#server, 'close');
  }

  #join(near: Socket): void {
    if (this.#isDown) return void near.destroy();
    this.connections++;
    const far = connect(this.#settings.port, '127.0.0.1');
    for (const socket of [near, far]) {
      this.#sockets.add(socket.setNoDelay(true));
      socket.once('close', () => this.#sockets.delete(socket));
    }
    this.#carry(near, far);
    this.#carry(far, near);
  }

  #carry(from: Socket, to: Socket): void {
    const { bytesPerSecond } = this.#settings;
    const carried =
      bytesPerSecond === undefined
        ? pipeline(from, to)
        : pipeline(from, (bytes: AsyncIterable<Buffer>) => paced(bytes, bytesPerSecond), to);
    // A link that breaks in one direction is of no use in the other.
    carried.catch(() => [from, to].forEach((socket) => socket.destroy()));
  }
}

/** Each piece takes the time that its bytes take; a link that was idle has saved nothing up. */
async function* paced(bytes: AsyncIterable<Buffer>, bytesPerSecond: number): AsyncGenerator<Buffer> {
  const pieceBytes = Math.ceil(bytesPerSecond / piecesPerSecond);
  let freeAtMs = 0;
  for await (const chunk of bytes) {
    for (let at = 0; at < chunk.length; at += pieceBytes) {
      const piece = chunk.subarray(at, at + pieceBytes);
      const now = performance.now();
      freeAtMs = Math.max(freeAtMs, now) + (piece.length / bytesPerSecond) * 1_000;
      await pause(freeAtMs - now);
      yield piece;
    }
  }
}
