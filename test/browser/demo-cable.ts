// A network between a browser and the server that can be cut: whoever is connected is cut off, and nobody gets through.
import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net';
import { once } from 'node:events';

export class Cable implements AsyncDisposable {
  readonly port: number;
  readonly #to: number;
  readonly #sockets = new Set<Socket>();
  #server: Server;

  private constructor(server: Server, to: number) {
    this.port = (server.address() as AddressInfo).port;
    this.#server = server;
    this.#to = to;
    this.#join();
  }

  static async to(port: number): Promise<Cable> {
    return new Cable(await listening(0), port);
  }

  get http(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async cut(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  async mend(): Promise<void> {
    this.#server = await listening(this.port);
    this.#join();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#server.listening) await this.cut();
  }

  #join(): void {
    this.#server.on('connection', (near) => {
      const far = connect(this.#to, '127.0.0.1');
      for (const [from, to] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#sockets.add(from);
        from.pipe(to);
        from.on('error', () => to.destroy());
        from.on('close', () => {
          this.#sockets.delete(from);
          to.destroy();
        });
      }
    });
  }
}

async function listening(port: number): Promise<Server> {
  const server = createServer();
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}
