// A page with one module, served as any app's own server would serve it.
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export class AppServer implements AsyncDisposable {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(module: string): Promise<AppServer> {
    const server = createServer((request, response) => {
      const isModule = request.url === '/app.js';
      response.setHeader('content-type', isModule ? 'text/javascript' : 'text/html');
      response.end(isModule ? module : '<script type="module" src="/app.js"></script>');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new AppServer(server);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
