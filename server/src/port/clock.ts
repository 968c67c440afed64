// Time and randomness as arguments, so that a simulator can own both.

/** A timer that was set; cancelling one that has fired does nothing. */
export interface Timer {
  cancel(): void;
}

export interface Clock {
  /** Milliseconds that only grow; for measuring and for deadlines. */
  now(): number;
  /** Calls `action` once, `delayMs` from now at the earliest. */
  after(delayMs: number, action: () => void): Timer;
  /** Calls `action` every `periodMs` until it is cancelled. */
  every(periodMs: number, action: () => void): Timer;
}

export interface Random {
  /** A number from 0 up to, and without, 1. */
  fraction(): number;
}
