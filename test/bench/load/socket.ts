// One socket of a load, with the documents that are open on it: greets where the dialect has a greeting, then only passes
// frames, and counts them.
import { WebSocket } from 'ws';
import type { Dialect, Place } from '../dialect/dialect.ts';
import { dialects } from '../dialect/dialects.ts';
import type { Target } from './target.ts';

/** One document on a socket. */
export interface Rider {
  readonly document: string;
  /** The socket is there. */
  begin(place: Place): void;
  hear(frame: Uint8Array): void;
}

export class Socket {
  readonly dialect: Dialect;
  readonly #socket: WebSocket;
  readonly #riders: Rider[] = [];
  #state: 'connecting' | 'greeting' | 'open' = 'connecting';
  #welcome: Uint8Array | undefined;
  receivedBytes = 0;
  receivedFrames = 0;
  sentBytes = 0;
  onLost: (error: Error) => void = fail;

  /** `document` is for dialects whose sockets have a document each. */
  constructor(target: Target, document: string) {
    this.dialect = dialects[target.dialect];
    // No compression, on any peer: it would be measured in place of the server.
    this.#socket = new WebSocket(this.dialect.url(target.server, document), { perMessageDeflate: false });
    this.#socket.on('open', () => this.#connected());
    this.#socket.on('message', (data: Buffer) => this.#received(data));
    this.#socket.on('error', (error) => this.onLost(error));
    this.#socket.on('close', (code) => this.onLost(new Error(`the server closed a connection with ${code}`)));
  }

  carry(rider: Rider): void {
    this.#riders.push(rider);
    if (this.#state === 'open') this.#begin(rider, this.#riders.length);
  }

  send(frame: Uint8Array): void {
    this.sentBytes += frame.length;
    this.#socket.send(frame);
  }

  /** As a page does that is closed; resolves when the server has answered. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.onLost = () => resolve();
      this.#socket.close();
    });
  }

  #connected(): void {
    const { greeting } = this.dialect;
    if (!greeting) return this.#open();
    this.#state = 'greeting';
    this.send(greeting);
  }

  #open(): void {
    this.#state = 'open';
    this.#riders.forEach((rider, index) => this.#begin(rider, index + 1));
  }

  #begin(rider: Rider, channel: number): void {
    rider.begin({ document: rider.document, channel, welcome: this.#welcome });
  }

  #received(data: Buffer): void {
    this.receivedBytes += data.length;
    this.receivedFrames += 1;
    if (this.#state === 'greeting') {
      this.#welcome = data;
      return this.#open();
    }
    this.#riders[this.dialect.channelOf(data) - 1]?.hear(data);
  }
}

/** A measurement that lost a client is none: the load program ends, and with it the run. */
export function fail(error: Error): never {
  throw error;
}
