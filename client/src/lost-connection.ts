// Says that there is no connection when that has lasted for a while, and that there is one again at once: a blip is not worth a word.
import type { Platform } from './sync/platform.ts';

export interface LostConnectionOptions {
  /** How long there has to be none before it is said, 5 s as a rule. */
  readonly afterMs?: number | undefined;
}

export class LostConnection {
  readonly #platform: Platform;
  readonly #afterMs: number;
  readonly #tell: (isLost: boolean) => void;
  #cancel: (() => void) | undefined;
  #isLost = false;

  constructor(
    platform: Platform,
    { afterMs = 5_000 }: LostConnectionOptions,
    tell: (isLost: boolean) => void,
  ) {
    this.#platform = platform;
    this.#afterMs = afterMs;
    this.#tell = tell;
  }

  /** Whether there is a connection now. */
  heard(isConnected: boolean): void {
    if (!isConnected) {
      this.#cancel ??= this.#platform.after(this.#afterMs, () => this.#is(true));
      return;
    }
    this.end();
    this.#is(false);
  }

  end(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #is(isLost: boolean): void {
    if (this.#isLost === isLost) return;
    this.#isLost = isLost;
    this.#tell(isLost);
  }
}
