// The line between two replicas: a TCP proxy on loopback that can be cut. While it is, what was connected is reset, and whoever dials
// is left without an answer, as where packets are lost on the way: once it is whole again the dial goes through.
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

export class LinkProxy {
  readonly port: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** The one that dialed last: a replica dials one address once at a time. */
  #waiting: Socket | undefined;
  #target: number | undefined;
  #isCut = false;

  private constructor(server: Server) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
    server.on('connection', (near) => this.#dialed(near));
  }

  /** Nobody gets through before it is known where it leads. */
  static async open(): Promise<LinkProxy> {
    const server = createServer({ noDelay: true, pauseOnConnect: true });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new LinkProxy(server);
  }

  leadTo(port: number): void {
    this.#target = port;
    this.#letThrough();
  }

  get isCut(): boolean {
    return this.#isCut;
  }

  set isCut(isCut: boolean) {
    this.#isCut = isCut;
    if (isCut) for (const socket of this.#sockets) socket.destroy();
    else this.#letThrough();
  }

  close(): void {
    this.#server.close();
    this.#waiting?.destroy();
    for (const socket of this.#sockets) socket.destroy();
  }

  #dialed(near: Socket): void {
    near.on('error', () => near.destroy());
    this.#waiting?.destroy();
    this.#waiting = near;
    this.#letThrough();
  }

  #letThrough(): void {
    const near = this.#waiting;
    if (this.#isCut || this.#target === undefined || !near) return;
    this.#waiting = undefined;
    const far = connect({ port: this.#target, host: '127.0.0.1', noDelay: true });
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(from);
      from.pipe(to);
      from.on('error', () => from.destroy());
      from.once('close', () => {
        this.#sockets.delete(from);
        to.destroy();
      });
    }
  }
}
