// A rate: so many a second, and after a pause so many at once. Nothing is refused; it says how long to wait.
import type { Clock } from '../port/clock.ts';

export interface Rate {
  readonly perSecond: number;
  readonly atOnce: number;
}

export class TokenBucket {
  readonly #clock: Clock;
  readonly #rate: Rate;
  /** Below 0 when more was taken than there was: what the next one has to wait for. */
  #tokens: number;
  #filledMs: number;

  constructor(clock: Clock, rate: Rate) {
    this.#clock = clock;
    this.#rate = rate;
    this.#tokens = rate.atOnce;
    this.#filledMs = clock.now();
  }

  /** Takes so many; gives the milliseconds to wait before going on, 0 for none. */
  take(count: number): number {
    this.#fill();
    this.#tokens -= count;
    return this.#tokens >= 0 ? 0 : (-this.#tokens / this.#rate.perSecond) * 1_000;
  }

  get isFull(): boolean {
    this.#fill();
    return this.#tokens === this.#rate.atOnce;
  }

  #fill(): void {
    const now = this.#clock.now();
    const { perSecond, atOnce } = this.#rate;
    this.#tokens = Math.min(atOnce, this.#tokens + ((now - this.#filledMs) / 1_000) * perSecond);
    this.#filledMs = now;
  }
}
