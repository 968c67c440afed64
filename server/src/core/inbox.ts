// What a session has said and that is not done yet: done in order, counted while it waits, and reason to read no more from
// the session when it is too much.
import { maxQueuedBytesOfChannel } from './limits.ts';

/** How much waits for its commit, over all sessions. */
export interface Pressure {
  /** Whether so much waits that no more is to be read. */
  readonly isFull: boolean;
  queued(bytes: number): void;
  settled(bytes: number): void;
  /** The session is not read, and is let through when less is waiting. */
  held(held: Held): void;
}

export interface Held {
  letThrough(): void;
}

/**
 * `update`: must be done even if the session is gone, for it may have no other copy. `guard`: what the updates behind it are judged by,
 * done whenever they are.
 */
type WorkKind = 'update' | 'guard' | 'other';

interface Work {
  readonly kind: WorkKind;
  readonly bytes: number;
  readonly run: () => void | Promise<void>;
}

export interface InboxSettings {
  readonly pressure: Pressure;
  pause(): void;
  resume(): void;
  /** Some work failed; what is behind it is done unless `refuse` is called. */
  onError(error: unknown): void;
  /** Work begins to wait, or none waits any more. */
  onBusy(isBusy: boolean): void;
  /** So much more, or less, is kept in memory for the session. */
  onBytes(bytes: number): void;
}

export class Inbox implements Held {
  readonly #settings: InboxSettings;
  #waiting: Work[] = [];
  #isBusy = false;
  #isOver = false;
  #isPaused = false;
  #bytes = 0;

  constructor(settings: InboxSettings) {
    this.#settings = settings;
  }

  /** Whether something waits, so that what comes now has to wait behind it. */
  get isBusy(): boolean {
    return this.#isBusy;
  }

  /** `bytes` is what the work keeps in memory while it waits. */
  take(kind: WorkKind, bytes: number, run: () => void | Promise<void>): void {
    if (this.#isOver) return;
    this.#waiting.push({ kind, bytes, run });
    this.queued(bytes);
    if (!this.#isBusy) void this.#drain();
  }

  /** The session is gone: updates that it sent are still taken in, and nothing else is done. */
  gone(): void {
    this.#isOver = true;
    this.#keep(({ kind }) => kind !== 'other');
  }

  /** The session was refused: nothing more is done. */
  refuse(): void {
    this.#isOver = true;
    this.#keep(() => false);
  }

  queued(bytes: number): void {
    this.#bytes += bytes;
    this.#settings.onBytes(bytes);
    this.#settings.pressure.queued(bytes);
    this.#holdBack();
  }

  settled(bytes: number): void {
    this.#bytes -= bytes;
    this.#settings.onBytes(-bytes);
    this.#settings.pressure.settled(bytes);
    this.letThrough();
  }

  letThrough(): void {
    if (!this.#isPaused || this.#isOver) return;
    if (this.#bytes * 2 > maxQueuedBytesOfChannel) return;
    // Nothing of its own need end any more: it is let through when the others' has.
    if (this.#settings.pressure.isFull) return this.#settings.pressure.held(this);
    this.#isPaused = false;
    this.#settings.resume();
  }

  #holdBack(): void {
    if (this.#isPaused || this.#isOver) return;
    const { isFull } = this.#settings.pressure;
    if (this.#bytes <= maxQueuedBytesOfChannel && !isFull) return;
    this.#isPaused = true;
    this.#settings.pause();
    if (isFull) this.#settings.pressure.held(this);
  }

  async #drain(): Promise<void> {
    this.#setBusy(true);
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      try {
        const running = next.run();
        if (running) await running;
      } catch (error) {
        this.#settings.onError(error);
      } finally {
        this.settled(next.bytes);
      }
    }
    this.#setBusy(false);
  }

  #setBusy(isBusy: boolean): void {
    this.#isBusy = isBusy;
    this.#settings.onBusy(isBusy);
  }

  #keep(isKept: (work: Work) => boolean): void {
    const dropped = this.#waiting.filter((work) => !isKept(work));
    this.#waiting = this.#waiting.filter(isKept);
    for (const { bytes } of dropped) this.settled(bytes);
  }
}
