// A bare WebSocket that speaks the Hocuspocus protocol by hand: says only what a test says, and keeps every frame that came.
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { type HeardFrame, readHeard } from './hocuspocus-frames.ts';
import type { Closed } from './raw-client.ts';
import { until } from './until.ts';

export class HocuspocusRawClient implements Disposable {
  readonly socket: WebSocket;
  readonly heard: HeardFrame[] = [];
  /** Set once the socket has closed. */
  ended: Closed | undefined;
  readonly closed: Promise<Closed>;

  private constructor(url: string) {
    this.socket = new WebSocket(url, { perMessageDeflate: false });
    this.socket.on('message', (data: Buffer) => this.heard.push(readHeard(data)));
    this.closed = new Promise((resolve) =>
      this.socket.once('close', (code, reason) => {
        this.ended = { code, reason: reason.toString() };
        resolve(this.ended);
      }),
    );
    // What is wrong with the socket shows in how it closes.
    this.socket.on('error', () => {});
  }

  static async open(url: string): Promise<HocuspocusRawClient> {
    const client = new HocuspocusRawClient(url);
    await Promise.race([once(client.socket, 'open'), client.closed]);
    return client;
  }

  say(...frames: readonly (Uint8Array | string)[]): void {
    for (const frame of frames) this.socket.send(frame);
  }

  of<Say extends HeardFrame['say']>(say: Say): HeardFrame<Say>[] {
    return this.heard.filter((frame) => frame.say === say) as readonly HeardFrame[] as HeardFrame<Say>[];
  }

  /** Resolves when so many of this kind have been heard; gives the last. */
  async hears<Say extends HeardFrame['say']>(say: Say, times = 1): Promise<HeardFrame<Say>> {
    await until(`${say} is heard`, () => this.of(say).length >= times || this.ended !== undefined);
    const heard = this.of(say);
    if (heard.length < times) throw new Error(`closed before ${say}: ${JSON.stringify(this.ended)}`);
    return heard.at(-1)!;
  }

  [Symbol.dispose](): void {
    this.socket.terminate();
  }
}
