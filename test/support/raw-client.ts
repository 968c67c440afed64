// A bare WebSocket that speaks y-websocket by hand: says only what a test says, and keeps every frame that came.
import { once } from 'node:events';
import { WebSocket } from 'ws';
import * as Y from 'yjs';
import { readFrame, type ReadFrame, syncFrame } from './frames.ts';
import { until } from './until.ts';

export interface Closed {
  readonly code: number;
  readonly reason: string;
}

const nothing = Uint8Array.of(0);
const maxBufferedBytes = 4 * 1024 * 1024;

export class RawClient implements Disposable {
  readonly socket: WebSocket;
  readonly frames: ReadFrame[] = [];
  receivedBytes = 0;
  largestFrameBytes = 0;
  readonly #document = new Y.Doc();
  #applied = 0;
  /** Set once the socket has closed. */
  ended: Closed | undefined;
  readonly closed: Promise<Closed>;

  private constructor(url: string) {
    this.socket = new WebSocket(url, { perMessageDeflate: false });
    this.socket.on('message', (data: Buffer) => {
      this.receivedBytes += data.length;
      this.largestFrameBytes = Math.max(this.largestFrameBytes, data.length);
      this.frames.push(readFrame(data));
    });
    this.closed = new Promise((resolve) =>
      this.socket.once('close', (code, reason) => {
        this.ended = { code, reason: reason.toString() };
        resolve(this.ended);
      }),
    );
    // What is wrong with the socket shows in how it closes.
    this.socket.on('error', () => {});
  }

  /** Opens `ServerProcess.yjs` and a path that is put behind it as it is. Says nothing. */
  static async open(url: string, path: string): Promise<RawClient> {
    const client = new RawClient(`${url}/${path}`);
    await Promise.race([once(client.socket, 'open'), client.closed]);
    return client;
  }

  /** Opens a document and says that it has nothing of it, or what it has. */
  static async join(url: string, path: string, stateVector: Uint8Array = nothing): Promise<RawClient> {
    const client = await RawClient.open(url, path);
    client.send(syncFrame('request', stateVector));
    return client;
  }

  send(frame: Uint8Array | string): void {
    this.socket.send(frame);
  }

  /** Sends an update and takes no notice of what it does. */
  update(update: Uint8Array): void {
    this.send(syncFrame('update', update));
  }

  bodies(kind: ReadFrame['kind']): Uint8Array[] {
    return this.frames.filter((frame) => frame.kind === kind).map(({ body }) => body);
  }

  /** Resolves when the answer to `join` is complete. */
  async answered(): Promise<this> {
    await until('the client is answered', () => this.frames.some(({ kind }) => kind === 'answer'));
    return this;
  }

  /** What a client holds that has applied every sync frame that came. */
  document(): Y.Doc {
    for (const { kind, body } of this.frames.slice(this.#applied)) {
      if (kind === 'update' || kind === 'answer') Y.applyUpdate(this.#document, body);
    }
    this.#applied = this.frames.length;
    return this.#document;
  }

  text(): string {
    return this.document().getText('content').toJSON();
  }

  /** Sends updates no faster than the network takes them. */
  async pour(updates: Iterable<Uint8Array>): Promise<void> {
    for (const update of updates) {
      this.update(update);
      if (this.socket.bufferedAmount > maxBufferedBytes) {
        await until('the server reads on', () => this.socket.bufferedAmount < maxBufferedBytes / 2);
      }
    }
  }

  [Symbol.dispose](): void {
    this.socket.terminate();
  }
}
