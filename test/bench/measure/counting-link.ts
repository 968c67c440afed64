// A connection between two replicas that counts what goes over it, as TCP carries it: frames with their heads.
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

export class CountingLink implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** To the replica that was dialed. */
  forthBytes = 0;
  /** To the one that dials. */
  backBytes = 0;

  private constructor(port: number) {
    this.#server = createServer((near) => this.#join(near, connect(port, '127.0.0.1')));
  }

  /** To a port of this machine. */
  static async open(port: number): Promise<CountingLink> {
    const link = new CountingLink(port);
    link.#server.listen(0, '127.0.0.1');
    await once(link.#server, 'listening');
    return link;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await once(this.#server, 'close');
  }

  #join(near: Socket, far: Socket): void {
    near.on('data', (bytes: Buffer) => void (this.forthBytes += bytes.length));
    far.on('data', (bytes: Buffer) => void (this.backBytes += bytes.length));
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(from.setNoDelay(true));
      from.on('error', () => to.destroy());
      from.on('close', () => to.destroy());
      from.pipe(to);
    }
  }
}
