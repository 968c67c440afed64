// Virtual time: what happens next is the earliest of what was planned, and among equals the seed decides.
import type { Clock, Timer } from '@syncline/server/port/clock.ts';
import type { SeededRandom } from '../../support/random.ts';

interface Planned {
  readonly atMs: number;
  readonly tie: number;
  action: (() => void) | undefined;
}

export class Schedule {
  #nowMs = 0;
  #events = 0;
  /** Of what takes real time, so much is under way. */
  #outside = 0;
  readonly #heap: Planned[] = [];
  readonly #random: SeededRandom;

  constructor(random: SeededRandom) {
    this.#random = random;
  }

  now(): number {
    return this.#nowMs;
  }

  /** How many events there have been. */
  get events(): number {
    return this.#events;
  }

  after(delayMs: number, action: () => void): Timer {
    const planned: Planned = {
      atMs: this.#nowMs + Math.max(0, delayMs),
      tie: this.#random.word(),
      action,
    };
    this.#push(planned);
    return { cancel: () => void (planned.action = undefined) };
  }

  /** Work of the system's own, such as a signature: nothing else happens until it is done, however long that takes. */
  async outside<Result>(work: Promise<Result>): Promise<Result> {
    this.#outside++;
    try {
      return await work;
    } finally {
      this.#outside--;
    }
  }

  /** Moves on to a time, or to the event after which `isOver`. What an event has begun ends before the next one. */
  async run(untilMs: number, isOver: () => boolean = () => false): Promise<void> {
    while (!isOver()) {
      const next = this.#heap[0];
      if (!next || next.atMs > untilMs) {
        this.#nowMs = untilMs;
        return;
      }
      this.#pop();
      if (!next.action) continue;
      this.#nowMs = next.atMs;
      this.#events++;
      next.action();
      // All promises that can go on have gone on when the event loop comes round.
      do await new Promise(setImmediate);
      while (this.#outside > 0);
    }
  }

  #push(planned: Planned): void {
    const heap = this.#heap;
    let at = heap.push(planned) - 1;
    while (at > 0) {
      const parent = (at - 1) >>> 1;
      if (!isBefore(planned, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = planned;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop()!;
    if (heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = at * 2 + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
      if (!isBefore(heap[child]!, last)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
  }
}

function isBefore(a: Planned, b: Planned): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.tie < b.tie);
}

/** The time of one process: what it has planned waits while it is paused, and dies with it. */
export class Life implements Clock {
  readonly #schedule: Schedule;
  #isOver = false;
  #isPaused = false;
  /** What has come due during a pause, in that order. */
  readonly #due: (() => void)[] = [];

  constructor(schedule: Schedule) {
    this.#schedule = schedule;
  }

  now(): number {
    return this.#schedule.now();
  }

  after(delayMs: number, action: () => void): Timer {
    let wanted: (() => void) | undefined = action;
    const timer = this.#schedule.after(delayMs, () => this.whenAwake(() => wanted?.()));
    return {
      cancel: () => {
        wanted = undefined;
        timer.cancel();
      },
    };
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

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Whether it is neither over nor paused. */
  get isAwake(): boolean {
    return !this.#isOver && !this.#isPaused;
  }

  /** Does something at once, or when the process goes on; never if it has ended. */
  whenAwake(action: () => void): void {
    if (this.#isOver) return;
    if (this.#isPaused) this.#due.push(action);
    else action();
  }

  /** As a machine that is frozen: time passes, and nothing is done. */
  pause(forMs: number): void {
    if (this.#isPaused) return;
    this.#isPaused = true;
    this.#schedule.after(forMs, () => this.#goOn());
  }

  end(): void {
    this.#isOver = true;
    this.#due.length = 0;
  }

  /** One after another: what each has begun ends before the next. */
  #goOn(): void {
    const next = this.#due.shift();
    if (!next) {
      this.#isPaused = false;
      return;
    }
    next();
    this.#schedule.after(0, () => this.#goOn());
  }
}
