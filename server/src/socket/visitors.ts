// How many sockets each address and each principal has, and how fast they open documents. Remembered while there is a
// socket, or while opening again would cost less than waiting.
import { SyncError } from '@syncline/shared';
import { type Rate, TokenBucket } from '../core/token-bucket.ts';
import type { Clock } from '../port/clock.ts';
import { openPace } from './limits.ts';

interface Visitor {
  sockets: number;
  readonly opens: TokenBucket;
  readonly pace: TokenBucket;
}

/** One socket, counted until it has left. */
export interface Visit {
  /** A document is opened: the milliseconds to wait before. */
  opens(): number;
  leave(): void;
}

export class Visitors {
  readonly #clock: Clock;
  readonly #maxSockets: number;
  readonly #openRate: Rate;
  readonly #known = new Map<string, Visitor>();

  constructor(clock: Clock, limits: { maxSockets: number; openRate: Rate }) {
    this.#clock = clock;
    this.#maxSockets = limits.maxSockets;
    this.#openRate = limits.openRate;
  }

  /** Throws `too_many_sockets`. */
  enter(name: string): Visit {
    const visitor = this.#visitor(name);
    if (visitor.sockets >= this.#maxSockets) throw new SyncError('too_many_sockets');
    visitor.sockets++;
    let hasLeft = false;
    return {
      opens: () => Math.max(visitor.opens.take(1), visitor.pace.take(1)),
      leave: () => {
        if (!hasLeft) visitor.sockets--;
        hasLeft = true;
      },
    };
  }

  /** Forgets who has been away for long enough. Called every `socketSweepMs`. */
  sweep(): void {
    for (const [name, { sockets, opens, pace }] of this.#known) {
      if (sockets === 0 && opens.isFull && pace.isFull) this.#known.delete(name);
    }
  }

  get count(): number {
    return this.#known.size;
  }

  #visitor(name: string): Visitor {
    let visitor = this.#known.get(name);
    if (!visitor) {
      visitor = {
        sockets: 0,
        opens: new TokenBucket(this.#clock, this.#openRate),
        pace: new TokenBucket(this.#clock, openPace),
      };
      this.#known.set(name, visitor);
    }
    return visitor;
  }
}
