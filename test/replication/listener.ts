// What may be found at the other end of a dial: a WebSocket server, one that speaks HTTP alone, TLS that nobody trusts, or
// somebody who says nothing.
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { type WebSocket, WebSocketServer } from 'ws';

/** Signed by itself, for 127.0.0.1. */
const certificate = `-----BEGIN CERTIFICATE-----
MIIBkDCCATagAwIBAgIUHMPK9Of/1XmWDly44m3j7sIuS9cwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJMTI3LjAuMC4xMCAXDTI2MTEyMzA1NDU1NloYDzIxMjYxMDMw
MDU0NTU2WjAUMRIwEAYDVQQDDAkxMjcuMC4wLjEwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAQ+KrM6McBAuBRG12iVjAZYytCKg/S+G5/RRqa2LZ3XdXEIo45HodFt
gyxZu0KBF+vc5vTBLfxynqiPsFo4eoQko2QwYjAdBgNVHQ4EFgQULXIQRUWsTKCp
hFxzgUSBPDss9z0wHwYDVR0jBBgwFoAULXIQRUWsTKCphFxzgUSBPDss9z0wDwYD
VR0TAQH/BAUwAwEB/zAPBgNVHREECDAGhwR/AAABMAoGCCqGSM49BAMCA0gAMEUC
IGcVJaS55eZXN6FJz8yk2WPB9azZnEZs+p61/ll3q+ItAiEAhBBiSKfvzyM1vfKW
XeUBJqYEWHQWdJuuB2VO4CDwTHY=
-----END CERTIFICATE-----`;
const privateKey = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg/zO8D2fWFigY6PEM
TDA2jhpD+bXTGDkWphQ2rrKqMyKhRANCAAQ+KrM6McBAuBRG12iVjAZYytCKg/S+
G5/RRqa2LZ3XdXEIo45HodFtgyxZu0KBF+vc5vTBLfxynqiPsFo4eoQk
-----END PRIVATE KEY-----`;

export class Listener implements AsyncDisposable {
  readonly #server: Server;
  readonly #open = new Set<Socket>();
  /** WebSockets that were opened, where it opens any. */
  readonly sockets: WebSocket[] = [];

  private constructor(server: Server) {
    this.#server = server;
    server.on('connection', (socket: Socket) => {
      this.#open.add(socket);
      socket.on('close', () => this.#open.delete(socket)).on('error', () => {});
    });
  }

  static async webSocket(): Promise<Listener> {
    const http = createHttpServer();
    const listener = new Listener(http);
    new WebSocketServer({ server: http }).on('connection', (socket) => listener.sockets.push(socket));
    return listener.#listening();
  }

  /** Answers every request, also one for a WebSocket, with this status. */
  static async http(status: number): Promise<Listener> {
    const http = createHttpServer((_, response) => response.writeHead(status).end());
    return new Listener(http).#listening();
  }

  static async tls(): Promise<Listener> {
    return new Listener(createTlsServer({ key: privateKey, cert: certificate })).#listening();
  }

  /** Takes connections, and does with each what it is told. */
  static async raw(answer: (socket: Socket) => void): Promise<Listener> {
    return new Listener(createServer((socket) => answer(socket.resume()))).#listening();
  }

  async #listening(): Promise<this> {
    await once(this.#server.listen(0, '127.0.0.1'), 'listening');
    return this;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Connections that have not ended. */
  get connections(): number {
    return this.#open.size;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#open) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
