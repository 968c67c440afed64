// A bare WebSocket that speaks the native protocol by hand: says only what a test says, keeps every message that came, and
// counts the bytes on the wire both ways.
import { once } from 'node:events';
import type { Socket } from 'node:net';
import {
  type Down,
  downCodec,
  fingerprint,
  hashDeletions,
  type ResumePosition,
  type Up,
  upCodec,
} from '@syncline/shared';
import { WebSocket } from 'ws';
import * as Y from 'yjs';
import type { Closed } from './raw-client.ts';
import { until } from './until.ts';

export type Saying<Say extends Down['say']> = Extract<Down, { say: Say }>;

const nothing = Uint8Array.of(0);

export class NativeClient implements Disposable {
  readonly socket: WebSocket;
  readonly heard: Down[] = [];
  largestFrameBytes = 0;
  /** Set once the socket has closed. */
  ended: Closed | undefined;
  readonly closed: Promise<Closed>;
  #stream: Socket | undefined;

  private constructor(url: string) {
    this.socket = new WebSocket(url, { perMessageDeflate: false });
    this.socket.on('upgrade', ({ socket }) => (this.#stream = socket));
    this.socket.on('message', (data: Buffer) => {
      this.largestFrameBytes = Math.max(this.largestFrameBytes, data.length);
      // A copy: updates are views of the frame, and it is the socket's.
      this.heard.push(downCodec.decode(Uint8Array.from(data)));
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

  /** Opens `ServerProcess.sync` and says nothing. */
  static async connect(url: string): Promise<NativeClient> {
    const client = new NativeClient(url);
    await Promise.race([once(client.socket, 'open'), client.closed]);
    return client;
  }

  /** Resolves when the server has answered the hello. */
  static async greet(url: string): Promise<NativeClient> {
    const client = await NativeClient.connect(url);
    client.say({ say: 'hello', lowestVersion: 1, highestVersion: 1, token: '' });
    await client.hears('welcome');
    return client;
  }

  /** Greets, opens a document as channel 1, says what it has of it, and is caught up. */
  static async join(url: string, document: string, doc = new Y.Doc()): Promise<NativeClient> {
    const client = await NativeClient.greet(url);
    client.open(1, document);
    client.compare(1, doc);
    await client.hears('caughtUp');
    return client;
  }

  /** What has gone either way since the socket was open, WebSocket headers included. */
  get wireBytes(): { readonly sent: number; readonly received: number } {
    return { sent: this.#stream!.bytesWritten, received: this.#stream!.bytesRead };
  }

  send(frame: Uint8Array | string): void {
    this.socket.send(frame);
  }

  say(message: Up): void {
    this.send(upCodec.encode(message));
  }

  open(channel: number, document: string, resume?: ResumePosition, engine = 'yjs'): void {
    this.say({ say: 'open', channel, document, engine, incarnation: 0, resume });
  }

  compare(channel: number, doc: Y.Doc): void {
    const request = doc.store.clients.size === 0 ? nothing : Y.encodeStateVector(doc);
    this.say({ say: 'compare', channel, request, deletions: hashDeletions(deletedClocks(doc)) });
  }

  updates(channel: number, batch: number, ...updates: readonly Uint8Array[]): void {
    this.say({ say: 'updates', channel, batch, updates });
  }

  of<Say extends Down['say']>(say: Say, channel?: number): Saying<Say>[] {
    return this.heard.filter(
      (message): message is Saying<Say> =>
        message.say === say &&
        (channel === undefined || ('channel' in message && message.channel === channel)),
    );
  }

  /** Resolves when so many messages of this kind have come; gives the last. */
  async hears<Say extends Down['say']>(say: Say, times = 1, channel?: number): Promise<Saying<Say>> {
    await until(`${say} has come`, () => this.of(say, channel).length >= times || this.ended !== undefined);
    const heard = this.of(say, channel);
    if (heard.length < times) throw new Error(`closed before ${say}: ${JSON.stringify(this.ended)}`);
    return heard.at(-1)!;
  }

  /** Resolves when everything that the server had to say by now has come. */
  async roundTrip(): Promise<void> {
    const pongs = this.of('pong').length;
    this.say({ say: 'ping' });
    await this.hears('pong', pongs + 1);
  }

  /** The updates that came for a channel, in order. */
  updatesOf(channel: number): readonly Uint8Array[] {
    return this.of('updates', channel).flatMap(({ updates }) => updates);
  }

  /** What a client holds that has applied them to what it had. */
  document(channel: number, doc = new Y.Doc()): Y.Doc {
    for (const update of this.updatesOf(channel)) Y.applyUpdate(doc, update);
    return doc;
  }

  /** The position of a document in this server's log. */
  position(position: number, headSeen = position): ResumePosition {
    const [{ replica, epoch }] = this.of('welcome') as [Saying<'welcome'>];
    return { replica, epoch, position, headSeen };
  }

  [Symbol.dispose](): void {
    this.socket.terminate();
  }
}

/** As PROTOCOL.md describes it. */
export function fingerprintOf(doc: Y.Doc): Uint8Array {
  return fingerprint(Y.decodeStateVector(Y.encodeStateVector(doc)), hashDeletions(deletedClocks(doc)));
}

/** Ranges that touch are one. */
function deletedClocks(doc: Y.Doc): (readonly [number, number[]])[] {
  return Array.from(Y.createDeleteSetFromStructStore(doc.store).clients, ([client, ranges]) => {
    const clocks: number[] = [];
    for (const { clock, len } of ranges) {
      if (clocks.at(-1) === clock) clocks.pop();
      else clocks.push(clock);
      clocks.push(clock + len);
    }
    return [client, clocks] as const;
  });
}
