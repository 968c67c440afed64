// Dials other replicas by WebSocket. A dial that is given up, or comes to nothing, leaves no socket behind.
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { SyncError } from '@syncline/shared';
import type { WebSocket } from 'ws';
import type { Clock } from '../port/clock.ts';
import type { Dial, Dialer, Dialing } from '../port/dialer.ts';
import type { Observe } from '../port/observe.ts';
import { BoundedWebSocket } from './bounded-web-socket.ts';
import { Connection } from './connection.ts';
import { explainDialError, explainSilence, explainStatus } from './dial-failure.ts';
import { dialWithinMs, maxReplicaFrameBytes } from './limits.ts';

export interface SocketDialerSettings {
  readonly clock: Clock;
  readonly observe: Observe;
  readonly maxFrameBytes: number;
  /** Takes a connection among those that are swept and drained. */
  readonly adopt: (connection: Connection, socket: WebSocket) => void;
}

export class SocketDialer implements Dialer {
  readonly #settings: SocketDialerSettings;

  constructor(settings: SocketDialerSettings) {
    this.#settings = settings;
  }

  dial(url: string, dialing: Dialing): Dial {
    let isOver = false;
    let socket: WebSocket | undefined;
    // A silence that ws would wait out ends with each byte; this one does not.
    const patience = this.#settings.clock.after(dialWithinMs, () => fail(explainSilence(new URL(url))));
    const settle = (): boolean => {
      const isFirst = !isOver;
      isOver = true;
      patience.cancel();
      return isFirst;
    };
    const fail = (reason: string): void => {
      if (!settle()) return;
      socket?.terminate();
      dialing.failed(reason);
    };
    try {
      socket = this.#begin(url, { settle, fail, dialing });
    } catch (error) {
      // It is told in a turn of its own, as everything else: whoever dials does not have the dial yet.
      queueMicrotask(() => fail(`${url} cannot be dialed: ${String(error)}`));
    }
    return {
      cancel: () => {
        if (settle()) socket?.terminate();
      },
    };
  }

  #begin(url: string, attempt: Attempt): WebSocket {
    const socket = new BoundedWebSocket(url, {
      maxPayload: maxReplicaFrameBytes(this.#settings.maxFrameBytes),
      perMessageDeflate: false,
    });
    let stream: Duplex | undefined;
    socket.on('upgrade', (response: IncomingMessage) => (stream = response.socket));
    // What comes after the dial is over is the end that was put to it.
    socket.on('error', (error) => attempt.fail(explainDialError(error, new URL(url))));
    socket.on('unexpected-response', (_, { statusCode }) =>
      attempt.fail(explainStatus(statusCode, new URL(url))),
    );
    socket.once('open', () => {
      if (attempt.settle()) this.#open(socket, stream!, attempt.dialing);
    });
    return socket;
  }

  #open(socket: WebSocket, stream: Duplex, dialing: Dialing): void {
    const { observe, adopt } = this.#settings;
    const connection = new Connection(socket, stream, this.#settings);
    adopt(connection, socket);
    try {
      connection.isUnknown();
      connection.attach(dialing.open(connection, () => connection.isKnown()));
    } catch (error) {
      observe.notice({ event: 'internal-error', reason: String(error) });
      const { close, message } = new SyncError('internal');
      connection.close(close, message);
    }
  }
}

/** One dial between its beginning and what becomes of it. */
interface Attempt {
  readonly dialing: Dialing;
  /** Ends it; gives whether it was still going on. */
  settle(): boolean;
  fail(reason: string): void;
}
