// What is missing before an update: asked for at once, and while it stays missing again after a growing pause.
import type { Clock, Timer } from '../port/clock.ts';
import type { Summary } from '../port/engine.ts';
import { maxAskMs, minAskMs } from './limits.ts';

export class Gap {
  readonly #clock: Clock;
  readonly #ask: () => void;
  readonly #lookAgain: () => void;
  /** The last update before which something is missing. */
  #summary: Summary | undefined;
  #timer: Timer | undefined;
  #askAfterMs = 0;
  #pauseMs = minAskMs;

  /** `lookAgain` is called when a gap that stays may be asked for again; who calls `found` then is asking. */
  constructor(clock: Clock, ask: () => void, lookAgain: () => void) {
    this.#clock = clock;
    this.#ask = ask;
    this.#lookAgain = lookAgain;
  }

  get summary(): Summary | undefined {
    return this.#summary;
  }

  found(summary: Summary): void {
    this.#summary = summary;
    const now = this.#clock.now();
    if (now >= this.#askAfterMs) {
      this.#askAfterMs = now + this.#pauseMs;
      this.#pauseMs = Math.min(this.#pauseMs * 2, maxAskMs);
      this.#ask();
      return;
    }
    // It may be the last that the session says for a while, and it is not to stay with its gap so long.
    this.#timer ??= this.#clock.after(this.#askAfterMs - now, () => {
      this.#timer = undefined;
      this.#lookAgain();
    });
  }

  /** An update came before which nothing is missing. */
  none(): void {
    this.#pauseMs = minAskMs;
  }

  /** What was missing has come. */
  filled(): void {
    this.#summary = undefined;
  }

  close(): void {
    this.#timer?.cancel();
  }
}
