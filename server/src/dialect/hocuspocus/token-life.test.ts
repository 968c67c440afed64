import { describe, expect, it } from 'vitest';
import type { Clock } from '../../port/clock.ts';
import { TokenLife } from './token-life.ts';

/** Timers as a machine has them, which take no more than 2^31 ms; moved on from one to the next. */
class Timers implements Clock {
  #now = 0;
  readonly #waiting = new Set<{ atMs: number; action: () => void }>();

  now(): number {
    return this.#now;
  }

  after(delayMs: number, action: () => void) {
    if (delayMs >= 2 ** 31) throw new RangeError('no timer takes so long');
    const waiting = { atMs: this.#now + delayMs, action };
    this.#waiting.add(waiting);
    return { cancel: () => void this.#waiting.delete(waiting) };
  }

  every(): never {
    throw new Error('it is not asked for');
  }

  run(): void {
    while (this.#waiting.size > 0) {
      const [next] = [...this.#waiting].toSorted((one, other) => one.atMs - other.atMs);
      this.#waiting.delete(next!);
      this.#now = next!.atMs;
      next!.action();
    }
  }
}

describe('a token', () => {
  it.each([10, 1_000, 400 * 24 * 3_600_000])(
    '[HOC6] of %d ms is near its end, and at it, once',
    (validMs) => {
      const timers = new Timers();
      const events: [string, number][] = [];
      const life = new TokenLife(timers, {
        ending: () => events.push(['ending', timers.now()]),
        ended: () => events.push(['ended', timers.now()]),
      });
      life.begin(validMs);
      timers.run();
      expect(events).toEqual([
        ['ending', 0.8 * validMs],
        ['ended', validMs],
      ]);
    },
  );

  it('[HOC6] that is said again when another one is wanted is not asked for again, and one that ends later is', () => {
    const timers = new Timers();
    const events: [string, number][] = [];
    const endsMs = [10_000, 10_001, 20_000];
    const life = new TokenLife(timers, {
      ending: () => {
        events.push(['ending', timers.now()]);
        const next = endsMs.shift();
        if (next !== undefined) life.begin(next - timers.now());
      },
      ended: () => events.push(['ended', timers.now()]),
    });
    life.begin(endsMs.shift());
    timers.run();
    expect(events).toEqual([
      ['ending', 8_000],
      ['ended', 10_001],
    ]);
    life.begin(endsMs.shift()! - timers.now());
    timers.run();
    expect(events.slice(2).map(([event]) => event)).toEqual(['ending', 'ended']);
  });

  it('[HOC6] that is followed by another, or ends with its document, tells of nothing', () => {
    const timers = new Timers();
    const events: string[] = [];
    const life = new TokenLife(timers, {
      ending: () => events.push('ending'),
      ended: () => events.push('ended'),
    });
    life.begin(1_000);
    life.begin(undefined);
    timers.run();
    life.begin(1_000);
    life.cancel();
    timers.run();
    expect(events).toEqual([]);
  });
});
