// For how long a token is good: in time before its end its provider is asked for a new one.
import type { Clock, Timer } from '../../port/clock.ts';
import { renewAfterFraction } from './limits.ts';

/** A machine's timer takes 25 days at most, and a token may be good for years. */
const longestTimerMs = 24 * 60 * 60 * 1_000;

/** Tokens end at whole seconds: one that ends this much later is the same one, said again. */
const sameEndMs = 500;

export interface TokenEvents {
  /** A new one is wanted. */
  ending(): void;
  ended(): void;
}

export class TokenLife {
  readonly #clock: Clock;
  readonly #events: TokenEvents;
  readonly #timers = new Map<keyof TokenEvents, Timer>();
  /** When that one ends for which another was wanted. */
  #wantedForMs: number | undefined;

  constructor(clock: Clock, events: TokenEvents) {
    this.#clock = clock;
    this.#events = events;
  }

  /**
   * A token is good from now on for so long; undefined for good. Who says the same one again has no other: asked again and again, it would
   * answer with it until after its end.
   */
  begin(validForMs: number | undefined): void {
    this.#stop();
    if (validForMs === undefined) return;
    const endsMs = this.#clock.now() + validForMs;
    const isSame = this.#wantedForMs !== undefined && endsMs - this.#wantedForMs < sameEndMs;
    if (!isSame) this.#at('ending', validForMs * renewAfterFraction, () => this.#ending(endsMs));
    this.#at('ended', validForMs, () => this.#events.ended());
  }

  cancel(): void {
    this.#stop();
    this.#wantedForMs = undefined;
  }

  #ending(endsMs: number): void {
    this.#wantedForMs = endsMs;
    this.#events.ending();
  }

  #stop(): void {
    for (const timer of this.#timers.values()) timer.cancel();
    this.#timers.clear();
  }

  #at(event: keyof TokenEvents, delayMs: number, action: () => void): void {
    const waitMs = Math.min(delayMs, longestTimerMs);
    const next = (): void => (waitMs < delayMs ? this.#at(event, delayMs - waitMs, action) : action());
    this.#timers.set(event, this.#clock.after(waitMs, next));
  }
}
