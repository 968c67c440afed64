// One raw client on one document: it opens as the stock client does, and then only passes frames.
import { WebSocket } from 'ws';
import type { Heard, Speaker } from '../dialect/dialect.ts';
import { dialects } from '../dialect/dialects.ts';
import type { Target } from './target.ts';

/** A server that has not let a client in by then is not merely slow. */
const openMs = 30_000;

export class Connection {
  readonly speaker: Speaker;
  readonly #socket: WebSocket;
  receivedBytes = 0;
  receivedFrames = 0;
  onUpdate: (update: Uint8Array) => void = () => {};
  #onLost: (error: Error) => void = fail;

  private constructor(target: Target, document: string) {
    const dialect = dialects[target.dialect];
    this.speaker = dialect.speaker(document);
    // No compression, on any peer: it would be measured in place of the server.
    this.#socket = new WebSocket(dialect.url(target.server, document), { perMessageDeflate: false });
    this.#socket.on('open', () => this.speaker.opening().forEach((frame) => this.send(frame)));
    this.#socket.on('error', (error) => this.#onLost(error));
    this.#socket.on('close', (code) =>
      this.#onLost(new Error(`the server closed a connection with ${code}`)),
    );
  }

  /** Resolves when the client holds what the server held: Step2 has come. */
  static open(target: Target, document: string): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const connection = new Connection(target, document);
      const timer = setTimeout(() => reject(new Error(`no Step2 within ${openMs} ms`)), openMs);
      const ready = (): void => {
        clearTimeout(timer);
        connection.#onLost = fail;
        resolve(connection);
      };
      connection.#onLost = reject;
      if (!dialects[target.dialect].handshake) connection.#socket.once('open', ready);
      connection.#socket.on('message', (data: Buffer) => {
        if (connection.#hear(data).is === 'step2') ready();
      });
    });
  }

  send(frame: Uint8Array): void {
    this.#socket.send(frame);
  }

  #hear(data: Buffer): Heard {
    this.receivedBytes += data.length;
    this.receivedFrames += 1;
    const heard = this.speaker.read(data);
    if (heard.is === 'step1') this.send(this.speaker.nothing());
    else if (heard.is !== 'other') this.onUpdate(heard.update);
    return heard;
  }
}

/** A measurement that lost a client is none: the load program ends, and with it the run. */
function fail(error: Error): never {
  throw error;
}
