// A server's end of a simulated link, as far as the socket edge knows a WebSocket.
import { EventEmitter } from 'node:events';
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { Direction, Packet } from './link.ts';
import type { Life } from './schedule.ts';

/** The stream below it. What is said in one turn takes no time between its first and its last frame. */
class Stream extends EventEmitter {
  cork(): void {}
  uncork(): void {}
}

export class ServerSocket extends EventEmitter {
  readonly OPEN = 1;
  readyState = 1;
  isPaused = false;
  readonly stream = new Stream();
  /** Of which incarnation the document is that a client has open over it, once something of it was said. */
  incarnation: number | undefined;
  readonly #life: Life;
  readonly #received: Packet[] = [];
  #down: Direction | undefined;
  /** Called with every frame before it goes out. */
  onSend: (frame: Uint8Array) => void = () => {};
  /** Called when the edge gives a link up that does not answer. */
  onTerminate: () => void = () => {};

  constructor(life: Life) {
    super();
    this.#life = life;
  }

  /** The edge's view of it; what it does not use is not there. */
  get asWebSocket(): WebSocket {
    return this as unknown as WebSocket;
  }

  get asStream(): Duplex {
    return this.stream as unknown as Duplex;
  }

  attach(down: Direction): void {
    this.#down = down;
  }

  get bufferedAmount(): number {
    return this.#down?.bufferedBytes ?? 0;
  }

  /** What a byte counts for in `bufferedAmount`. */
  get weight(): number {
    return this.#down?.quality.weight ?? 1;
  }

  send(frame: Uint8Array): void {
    this.onSend(frame);
    this.#down?.send({ kind: 'frame', bytes: frame.slice() });
  }

  ping(): void {
    this.#down?.send({ kind: 'ping' });
  }

  close(code: number, reason: string): void {
    if (this.readyState !== this.OPEN) return;
    this.readyState = 2;
    this.#down?.send({ kind: 'close', code, reason });
  }

  terminate(): void {
    this.onTerminate();
    this.cut();
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    if (!this.isPaused) return;
    this.isPaused = false;
    this.#life.after(0, () => this.receive([]));
  }

  /** Frames of one read all come, even if the first one pauses the socket. */
  receive(packets: readonly Packet[]): void {
    this.#received.push(...packets);
    this.#life.whenAwake(() => {
      if (this.isPaused) return;
      for (const packet of this.#received.splice(0)) this.#hear(packet);
    });
  }

  /** The link is gone. */
  cut(): void {
    if (this.readyState === 3) return;
    // As with a real one, whoever asked for it hears of it later.
    this.readyState = 3;
    this.#life.after(0, () => this.emit('close', 1006));
  }

  drained(): void {
    if (this.readyState !== 3) this.stream.emit('drain');
  }

  #hear(packet: Packet): void {
    if (this.readyState === 3) return;
    if (packet.kind === 'pong') this.emit('pong');
    else if (packet.kind === 'ping') this.#down?.send({ kind: 'pong' });
    else if (packet.kind === 'close') {
      if (this.readyState === this.OPEN) this.close(packet.code, packet.reason);
      this.readyState = 3;
      this.emit('close', packet.code);
    } else if (packet.kind === 'frame' && this.readyState === this.OPEN) {
      this.emit(
        'message',
        Buffer.from(packet.bytes.buffer, packet.bytes.byteOffset, packet.bytes.length),
        true,
      );
    }
  }
}
