// A connection of a tab that follows, through the tab that leads: to whoever has it, it is a socket. One that has not opened yet may
// change over to another leader, or to a socket of the tab's own.
import type { Platform, Socket, SocketListener } from '../sync/platform.ts';
import { closedCode, lostCode } from './virtual-connection.ts';

/** What a tab says to the one that leads. */
export interface Wire {
  open(socket: number, url: string): void;
  frame(socket: number, frame: Uint8Array): void;
  close(socket: number): void;
}

interface About {
  readonly url: string;
  /** Called once it is over, or somebody else's. */
  readonly ended: () => void;
}

type Phase = 'waiting' | 'asked' | 'open' | 'closing' | 'closed';

export class FollowedSocket implements Socket {
  readonly #about: About;
  readonly #listener: SocketListener;
  #phase: Phase = 'waiting';
  #wire: Wire | undefined;
  #id = 0;
  /** What it has become. */
  #successor: Socket | undefined;

  constructor(about: About, listener: SocketListener) {
    this.#about = about;
    this.#listener = listener;
  }

  send(frame: Uint8Array): void {
    if (this.#successor) this.#successor.send(frame);
    else if (this.#phase === 'open') this.#wire?.frame(this.#id, frame);
  }

  close(): void {
    if (this.#successor) return this.#successor.close();
    if (this.#phase === 'asked' || this.#phase === 'open') {
      this.#phase = 'closing';
      this.#wire?.close(this.#id);
    } else if (this.#phase === 'waiting') {
      this.#phase = 'closing';
      void Promise.resolve().then(() => this.closed(closedCode, ''));
    }
  }

  get id(): number {
    return this.#id;
  }

  /** There is a tab that leads. Each time that it is asked the number is another, so that no answer belongs to an earlier question. */
  ask(wire: Wire, id: number): void {
    if (this.#phase !== 'waiting') return;
    this.#phase = 'asked';
    this.#wire = wire;
    this.#id = id;
    wire.open(id, this.#about.url);
  }

  opened(): void {
    if (this.#phase !== 'asked') return;
    this.#phase = 'open';
    this.#listener.opened();
  }

  received(frame: Uint8Array): void {
    if (this.#phase === 'open') this.#listener.received(frame);
  }

  closed(code: number, reason: string): void {
    if (this.#phase === 'closed') return;
    this.#phase = 'closed';
    this.#about.ended();
    this.#listener.closed(code, reason);
  }

  /** The tab that led does not, or says nothing. */
  abandoned(): void {
    // Should it be there after all, it has nothing to keep open.
    if (this.#phase === 'asked' || this.#phase === 'open') this.#wire?.close(this.#id);
    if (this.#phase === 'asked') this.#phase = 'waiting';
    else if (this.#phase === 'open') this.closed(lostCode, '');
    else if (this.#phase === 'closing') this.closed(closedCode, '');
  }

  /** There is no need to follow any more. */
  handOver(to: Pick<Platform, 'connect'>): void {
    this.abandoned();
    if (this.#phase !== 'waiting') return;
    try {
      this.#successor = to.connect(this.#about.url, this.#listener);
      this.#phase = 'closed';
      this.#about.ended();
    } catch {
      // The next attempt is the one that throws at whoever makes it.
      this.closed(lostCode, '');
    }
  }
}
