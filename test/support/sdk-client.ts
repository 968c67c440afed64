// The client SDK as an app would have it in Node, on the platform that it ships with; keeps what it reported.
import {
  type Client,
  type ClientOptions,
  createClient,
  type OpenOptions,
  type SyncedDocument,
} from '@syncline/client';
import type { Socket, SocketListener } from '@syncline/client/sync/platform.ts';
import { webPlatform } from '@syncline/client/web/platform.ts';
import { type Down, downCodec, type Up, upCodec } from '@syncline/shared';
import { until } from './until.ts';

/** A server that is back is found within a fraction of the pause that an app would make. */
const pauseFraction = 0.1;

/** What was said, and how many bytes that were without WebSocket headers. */
export interface Traffic {
  readonly sent: readonly Up['say'][];
  readonly received: readonly Down['say'][];
  readonly bytes: number;
}

export class SdkClient<More = unknown> implements AsyncDisposable {
  readonly client: Client<More>;
  /** What the application threw while it was told something. */
  readonly reported: unknown[] = [];
  sockets = 0;
  #sent: Up['say'][] = [];
  #received: Down['say'][] = [];
  #bytes = 0;

  constructor(options: ClientOptions<More>) {
    this.client = createClient<More>(options, {
      ...webPlatform,
      fraction: () => Math.random() * pauseFraction,
      report: (error) => void this.reported.push(error),
      connect: (url, listener) => {
        this.sockets++;
        return this.#connect(url, listener);
      },
    });
  }

  /** What has gone over its sockets since this was last asked. */
  traffic(): Traffic {
    const traffic = { sent: this.#sent, received: this.#received, bytes: this.#bytes };
    this.#sent = [];
    this.#received = [];
    this.#bytes = 0;
    return traffic;
  }

  #connect(url: string, listener: SocketListener): Socket {
    const socket = webPlatform.connect(url, {
      ...listener,
      received: (frame) => {
        this.#received.push(downCodec.decode(frame).say);
        this.#bytes += frame.length;
        listener.received(frame);
      },
    });
    return {
      send: (frame) => {
        this.#sent.push(upCodec.decode(frame).say);
        this.#bytes += frame.length;
        socket.send(frame);
      },
      close: () => socket.close(),
    };
  }

  open(name: string, options: OpenOptions = {}): SyncedDocument {
    return this.client.open(name, options);
  }

  async connected(): Promise<void> {
    await this.reaches('connected');
  }

  async reaches(state: Client['status']['connection']['state']): Promise<void> {
    await until(`the client is ${state}`, () => this.client.status.connection.state === state);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client.close();
  }
}

/** The text that the tests' documents have, whoever opens them. */
export function textOf({ doc }: Pick<SyncedDocument, 'doc'>): string {
  return doc.getText('content').toJSON();
}

/** Puts letters behind what is there. */
export function write({ doc }: Pick<SyncedDocument, 'doc'>, letters: string): void {
  const text = doc.getText('content');
  text.insert(text.length, letters);
}

/** Whether a promise has been resolved or rejected by now. */
export function settled(promise: Promise<unknown>): { readonly is: 'open' | 'resolved' | 'rejected' } {
  const state: { is: 'open' | 'resolved' | 'rejected' } = { is: 'open' };
  promise.then(
    () => (state.is = 'resolved'),
    () => (state.is = 'rejected'),
  );
  return state;
}
