// One WebSocket: the outbox of a session, and the times by which the sweep judges it.
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { SyncError } from '@syncline/shared';
import type { WebSocket } from 'ws';
import type { Clock, Timer } from '../port/clock.ts';
import type { Observe } from '../port/observe.ts';
import type { Outbox } from '../port/outbox.ts';
import type { Session } from '../port/session.ts';
import {
  closeWithinMs,
  inboundSilenceMs,
  keepAliveMs,
  maxReasonBytes,
  maxUnknownBytes,
  speakWithinMs,
} from './limits.ts';

export class Connection implements Outbox {
  readonly #socket: WebSocket;
  readonly #clock: Clock;
  readonly #observe: Observe;
  #session: Session | undefined;
  #attachedMs = 0;
  #heardMs: number;
  #sentMs: number;
  #isPinged = false;
  readonly #stream: Duplex;
  #isCorked = false;
  #isReadToItsEnd = false;
  #bytesRead: number;
  #cutOff: Timer | undefined;
  #validUntilMs = Infinity;
  /** Read of it while it is not known, and handed over of that. */
  #unknownBytes = 0;
  #unknownHeardBytes = 0;
  #isUnknown = false;
  #maxUnknownBytes = maxUnknownBytes;
  #isCutOff = false;

  constructor(socket: WebSocket, stream: Duplex, { clock, observe }: { clock: Clock; observe: Observe }) {
    this.#socket = socket;
    this.#stream = stream;
    this.#bytesRead = bytesReadOf(stream);
    this.#clock = clock;
    this.#observe = observe;
    this.#heardMs = this.#sentMs = clock.now();
    socket.on('message', (data, isBinary) => this.#received(data as Buffer, isBinary));
    socket.on('pong', () => this.#heard());
    socket.on('close', (code) => this.#closed(code));
    // What is wrong with a socket is followed by its close.
    socket.on('error', () => {});
    stream.on('drain', () => this.#session?.drained());
  }

  /** Until `isKnown` no more than so much is read: a frame is put together in memory before anybody can look at it. */
  isUnknown(maxBytes = maxUnknownBytes): void {
    this.#isUnknown = true;
    this.#maxUnknownBytes = maxBytes;
    this.#stream.prependListener('data', this.#countUnknown);
  }

  isKnown(): void {
    this.#isUnknown = false;
    this.#stream.off('data', this.#countUnknown);
  }

  readonly #countUnknown = (chunk: Buffer): void => {
    this.#unknownBytes += chunk.length;
    if (this.#unknownBytes <= this.#maxUnknownBytes) return;
    // What came in one read is told apart by ws in this turn: whoever says there who it is may have said more behind it.
    queueMicrotask(() => {
      if (this.#isUnknown) this.#cutOffUnknown();
    });
  };

  #cutOffUnknown(): void {
    this.isKnown();
    this.#isCutOff = true;
    this.#end(new SyncError('frame_too_large', 'nobody is known to send it'));
    // It would go on reading the frame to its end. What was said goes out before.
    this.#uncork();
    this.#stream.destroy();
  }

  /** From here on frames go to the session, which is to begin soon. */
  attach(session: Session): void {
    this.#session = session;
    this.#attachedMs = this.#clock.now();
  }

  /** The session ends when so much time has passed, unless this is called again; undefined lets it stay. */
  validFor(milliseconds: number | undefined): void {
    this.#validUntilMs = milliseconds === undefined ? Infinity : this.#clock.now() + milliseconds;
  }

  get bufferedBytes(): number {
    return this.#socket.bufferedAmount;
  }

  send(frame: Uint8Array): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    this.#sentMs = this.#clock.now();
    this.#observe.frameSent(frame.length);
    // What is said in one turn is one write: each costs the system as much as ten frames cost us.
    if (!this.#isCorked) {
      this.#isCorked = true;
      this.#stream.cork();
      process.nextTick(() => this.#uncork());
    }
    this.#socket.send(frame);
  }

  close(code: number, reason: string): void {
    // A paused socket would never read the other side's close.
    this.#socket.resume();
    this.#socket.close(code, truncate(reason));
    this.#cutOff ??= this.#clock.after(closeWithinMs, () => this.#socket.terminate());
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    if (!this.#isReadToItsEnd) this.#socket.resume();
  }

  /** Reads nothing more, whoever asks for it: the server is stopping. */
  stopReading(): void {
    this.#isReadToItsEnd = true;
    this.#socket.pause();
  }

  /** Keeps a quiet socket alive and ends a dead one. Called every `socketSweepMs`. */
  sweep(now: number): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    this.#hear();
    const isPaused = this.#socket.isPaused;
    const silentMs = now - this.#heardMs;
    // Before there is a session it is the server that keeps the other side waiting.
    if (this.#session?.hasSpoken === false && now - this.#attachedMs > speakWithinMs) {
      return this.#end(new SyncError('silent'));
    }
    if (now >= this.#validUntilMs) return this.#end(new SyncError('token_expired'));
    if (silentMs > 2 * inboundSilenceMs && this.#isPinged && !isPaused) return this.#socket.terminate();
    if (silentMs > inboundSilenceMs && !this.#isPinged) {
      this.#isPinged = true;
      this.#socket.ping();
    }
    if (now - this.#sentMs > keepAliveMs && this.bufferedBytes === 0) this.#session?.keepAlive();
  }

  /** A large frame that comes slowly is life, too, long before there is a message. */
  #hear(): void {
    if (bytesReadOf(this.#stream) !== this.#bytesRead) this.#heard();
  }

  #uncork(): void {
    this.#isCorked = false;
    this.#stream.uncork();
  }

  #end(error: SyncError): void {
    this.#session?.end(error);
    this.close(error.close, error.message);
  }

  #received(data: Buffer, isBinary: boolean): void {
    if (this.#isCutOff) return;
    if (this.#isUnknown && (this.#unknownHeardBytes += data.length) > this.#maxUnknownBytes)
      return this.#cutOffUnknown();
    this.#heard();
    this.#observe.frameReceived(data.length);
    if (isBinary) this.#session?.receive(data);
    else this.#end(new SyncError('bad_frame', 'it is text'));
  }

  #heard(): void {
    this.#heardMs = this.#clock.now();
    this.#bytesRead = bytesReadOf(this.#stream);
    this.#isPinged = false;
  }

  #closed(code: number): void {
    this.#cutOff?.cancel();
    this.#observe.connectionClosed(code);
    this.#session?.closed();
  }
}

function truncate(reason: string): string {
  // Our sentences are ASCII but for what a decoder may have said.
  let text = reason;
  while (Buffer.byteLength(text) > maxReasonBytes) text = text.slice(0, -1);
  return text;
}

/** 0 where it is not a network's. */
function bytesReadOf(stream: Duplex): number {
  return (stream as Partial<Socket>).bytesRead ?? 0;
}
