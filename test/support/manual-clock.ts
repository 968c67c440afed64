// A clock that a test moves by hand: timers fire in the order of their times, at the very time for which they were set.
import type { Clock, Timer } from '@syncline/server/port/clock.ts';

interface Waiting {
  readonly atMs: number;
  readonly action: () => void;
}

export class ManualClock implements Clock {
  #nowMs = 0;
  readonly #waiting = new Set<Waiting>();

  now(): number {
    return this.#nowMs;
  }

  after(delayMs: number, action: () => void): Timer {
    const waiting = { atMs: this.#nowMs + delayMs, action };
    this.#waiting.add(waiting);
    return { cancel: () => void this.#waiting.delete(waiting) };
  }

  every(periodMs: number, action: () => void): Timer {
    let next: Timer;
    const again = (): void => {
      next = this.after(periodMs, again);
      action();
    };
    next = this.after(periodMs, again);
    return { cancel: () => next.cancel() };
  }

  /** Moves time on, through every timer that is due on the way. */
  advance(byMs: number): void {
    const untilMs = this.#nowMs + byMs;
    for (let due = this.#earliest(); due && due.atMs <= untilMs; due = this.#earliest()) {
      this.#waiting.delete(due);
      this.#nowMs = due.atMs;
      due.action();
    }
    this.#nowMs = untilMs;
  }

  #earliest(): Waiting | undefined {
    let earliest: Waiting | undefined;
    for (const waiting of this.#waiting) if (!earliest || waiting.atMs < earliest.atMs) earliest = waiting;
    return earliest;
  }
}
