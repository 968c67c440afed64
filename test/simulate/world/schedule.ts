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
      await new Promise(setImmediate);
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

/** The time of one process: what it has planned dies with it. */
export class Life implements Clock {
  readonly #schedule: Schedule;
  #isOver = false;

  constructor(schedule: Schedule) {
    this.#schedule = schedule;
  }

  now(): number {
    return this.#schedule.now();
  }

  after(delayMs: number, action: () => void): Timer {
    return this.#schedule.after(delayMs, () => {
      if (!this.#isOver) action();
    });
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

  end(): void {
    this.#isOver = true;
  }
}
