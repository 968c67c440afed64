// How another replica is reached: a WebSocket, or whatever carries frames in order.
import type { Outbox } from './outbox.ts';
import type { Session } from './session.ts';

/** What becomes of a dial: one of the two is called, once, unless the dial is cancelled before. */
export interface Dialing {
  /**
   * There is a connection: what arrives goes to the session that this gives. Little is read before the session has called `isKnown`,
   * for anybody may have answered.
   */
  open(outbox: Outbox, isKnown: () => void): Session;
  /** There is none, in words for an operator. */
  failed(reason: string): void;
}

export interface Dialer {
  dial(url: string, dialing: Dialing): Dial;
}

export interface Dial {
  /** Gives a dial up that has come to nothing yet. */
  cancel(): void;
}
