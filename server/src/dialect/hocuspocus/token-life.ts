// For how long a token is good: in time before its end its provider is asked for a new one.
import type { Clock, Timer } from '../../port/clock.ts';
import { renewAfterFraction } from './limits.ts';

/** A machine's timer takes 25 days at most, and a token may be good for years. */
const longestTimerMs = 24 * 60 * 60 * 1_000;

export interface TokenEvents {
  /** A new one is wanted. */
  ending(): void;
  ended(): void;
}

export class TokenLife {
  readonly #clock: Clock;
  readonly #events: TokenEvents;
  #timers: Timer[] = [];

  constructor(clock: Clock, events: TokenEvents) {
    this.#clock = clock;
    this.#events = events;
  }

  /** A token is good from now on for so long; undefined for good. */
  begin(validForMs: number | undefined): void {
    this.cancel();
    if (validForMs === undefined) return;
    this.#at(0, validForMs * renewAfterFraction, () => this.#events.ending());
    this.#at(1, validForMs, () => this.#events.ended());
  }

  cancel(): void {
    for (const timer of this.#timers) timer.cancel();
    this.#timers = [];
  }

  #at(which: number, delayMs: number, action: () => void): void {
    const waitMs = Math.min(delayMs, longestTimerMs);
    this.#timers[which] = this.#clock.after(waitMs, () => {
      if (waitMs < delayMs) this.#at(which, delayMs - waitMs, action);
      else action();
    });
  }
}
