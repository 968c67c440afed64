// One raw client on one document: it opens as the stock client does, and then only passes frames.
import type { PresenceEntry } from '@syncline/shared';
import type { Place, Speaker } from '../dialect/dialect.ts';
import { fail, type Rider, Socket } from './socket.ts';
import type { Target } from './target.ts';

/** A server that has not let a client in by then is not merely slow. */
const openMs = 30_000;

type OnUpdates = (updates: readonly Uint8Array[]) => void;

export interface OpenSettings {
  /** What spoke for the client on an earlier socket: the document is opened where that has stopped reading. */
  readonly resumed?: Speaker;
  /** Hears what the document holds, and later what others type. */
  readonly onUpdates?: OnUpdates;
}

export class Connection implements Rider {
  readonly socket: Socket;
  readonly document: string;
  readonly #resumed: Speaker | undefined;
  /** There from the moment at which the socket is. */
  speaker!: Speaker;
  onUpdates: OnUpdates;
  /** So many more of the updates that were sent here are stored. */
  onStored: (count: number) => void = () => {};
  #onReady: () => void = () => {};

  private constructor(socket: Socket, document: string, { resumed, onUpdates }: OpenSettings) {
    this.socket = socket;
    this.document = document;
    this.#resumed = resumed;
    this.onUpdates = onUpdates ?? (() => {});
  }

  /** On a socket of its own. */
  static async open(target: Target, document: string, settings: OpenSettings = {}): Promise<Connection> {
    return Connection.on(new Socket(target, document), document, settings);
  }

  /** Resolves when the client holds what the server held. */
  static on(socket: Socket, document: string, settings: OpenSettings = {}): Promise<Connection> {
    const connection = new Connection(socket, document, settings);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no document within ${openMs} ms`)), openMs);
      socket.onLost = reject;
      connection.#onReady = () => {
        clearTimeout(timer);
        connection.#onReady = () => {};
        socket.onLost = fail;
        resolve(connection);
      };
      socket.carry(connection);
    });
  }

  begin(place: Place): void {
    this.speaker = this.socket.dialect.speaker(place);
    if (this.#resumed && !this.#resumed.reopening) throw new Error('this dialect cannot resume');
    for (const frame of this.#resumed?.reopening?.() ?? this.speaker.opening()) this.socket.send(frame);
    if (!this.socket.dialect.handshake) this.#onReady();
  }

  type(updates: readonly Uint8Array[]): void {
    for (const frame of this.speaker.updates(updates)) this.socket.send(frame);
  }

  show(entry: PresenceEntry): void {
    this.socket.send(this.speaker.presence(entry));
  }

  hear(frame: Uint8Array): void {
    const heard = this.speaker.read(frame);
    switch (heard.is) {
      case 'question':
        return this.socket.send(heard.answer);
      case 'updates':
        return this.onUpdates(heard.updates);
      case 'ready':
        this.onUpdates(heard.updates);
        return this.#onReady();
      case 'stored':
        return this.onStored(heard.count);
      case 'other':
    }
  }
}
