// A connection of one tab that is carried by a socket which others share: to whoever has it, it is a socket.
import type { Socket, SocketListener } from '../sync/platform.ts';

/** A connection was lost, and nobody said why: it is tried again. */
export const lostCode = 1006;
/** Whoever had it has closed it. */
export const closedCode = 1000;

/** What carries it at the moment. */
interface Carrier {
  said(connection: VirtualConnection, frame: Uint8Array): void;
  left(connection: VirtualConnection): void;
}

type Phase = 'opening' | 'open' | 'greeting' | 'welcomed' | 'closing' | 'closed';

export class VirtualConnection implements Socket {
  /** Set by whoever carries it. */
  carrier: Carrier | undefined;
  phase: Phase = 'opening';
  /** The token that it said last. */
  token: string | undefined;
  /** A hello that the socket could not take yet. */
  waitingHello: Uint8Array | undefined;
  /** The channels that are open, by its own numbers: those on the socket. */
  readonly channels = new Map<number, number>();
  /** When something was last said to it, and by it. */
  toldMs: number;
  heardMs: number;
  readonly #listener: SocketListener;

  constructor(listener: SocketListener, nowMs: number) {
    this.#listener = listener;
    this.toldMs = this.heardMs = nowMs;
  }

  get isOver(): boolean {
    return this.phase === 'closing' || this.phase === 'closed';
  }

  send(frame: Uint8Array): void {
    if (!this.isOver) this.carrier?.said(this, frame);
  }

  close(): void {
    if (this.isOver) return;
    this.phase = 'closing';
    this.carrier?.left(this);
  }

  opened(): void {
    if (this.phase !== 'opening') return;
    this.phase = 'open';
    this.#listener.opened();
  }

  tell(frame: Uint8Array, nowMs: number): void {
    if (this.isOver) return;
    this.toldMs = nowMs;
    this.#listener.received(frame);
  }

  ended(code: number, reason = ''): void {
    if (this.phase === 'closed') return;
    this.phase = 'closed';
    this.channels.clear();
    this.#listener.closed(code, reason);
  }
}
