import { expect, it } from 'vitest';
import { LostConnection } from './lost-connection.ts';
import type { Platform } from './sync/platform.ts';

/** A clock that is moved by hand. */
class Clock {
  #nowMs = 0;
  #timers = new Map<object, { atMs: number; action: () => void }>();

  after = (delayMs: number, action: () => void): (() => void) => {
    const timer = {};
    this.#timers.set(timer, { atMs: this.#nowMs + delayMs, action });
    return () => this.#timers.delete(timer);
  };

  pass(ms: number): void {
    this.#nowMs += ms;
    for (const [timer, { atMs, action }] of this.#timers) {
      if (atMs > this.#nowMs) continue;
      this.#timers.delete(timer);
      action();
    }
  }
}

it('[SDK24] a lost connection is said when it has lasted, once, and its return at once', () => {
  const clock = new Clock();
  const said: boolean[] = [];
  const lost = new LostConnection(clock as unknown as Platform, { afterMs: 100 }, (isLost) =>
    said.push(isLost),
  );
  lost.heard(true);
  lost.heard(false);
  clock.pass(60);
  // A further attempt that fails does not begin the time anew.
  lost.heard(false);
  expect(said).toEqual([]);
  clock.pass(60);
  lost.heard(false);
  clock.pass(200);
  expect(said).toEqual([true]);
  lost.heard(true);
  expect(said).toEqual([true, false]);
  // A blip.
  lost.heard(false);
  clock.pass(99);
  lost.heard(true);
  clock.pass(200);
  expect(said).toEqual([true, false]);
});
