import { describe, expect, it } from 'vitest';
import { askEveryMs, Following } from './following.ts';

/** A tab that follows, on a clock that the test moves. */
class FollowingTab {
  nowMs = 0;
  questions = 0;
  suspicions = 0;
  readonly closed: number[] = [];
  readonly following: Following;
  #tick = (): void => {};

  constructor() {
    this.following = new Following({
      platform: {
        now: () => this.nowMs,
        epochMs: () => this.nowMs,
        after: (_delayMs, action) => {
          this.#tick = action;
          return () => (this.#tick = () => {});
        },
        fraction: () => 0,
        connect: () => {
          throw new Error('it has no sockets');
        },
        onOnline: () => () => {},
        report: () => {},
      },
      ask: () => this.questions++,
      wireTo: () => ({ open: () => {}, frame: () => {}, close: () => {} }),
      suspected: () => this.suspicions++,
      found: () => {},
    });
    this.following.resume();
    this.following.connect('ws://127.0.0.1/sync', {
      opened: () => {},
      received: () => {},
      closed: (code) => void this.closed.push(code),
    });
    this.answer();
    this.following.heard({ say: 'opened', from: 'leader', to: 'me', socket: 1 });
  }

  answer(): void {
    this.following.heard({ say: 'here', from: 'leader', to: 'me' });
  }

  /** The timer comes so late. */
  tick(lateMs = 0): void {
    this.nowMs += askEveryMs + lateMs;
    this.#tick();
  }
}

describe('a tab that follows', () => {
  it('[TAB2] takes three questions without an answer for the end of its leader, and one answer for its life', () => {
    const tab = new FollowingTab();
    for (let turn = 0; turn < 10; turn++) {
      tab.tick();
      tab.tick();
      tab.tick();
      tab.answer();
    }
    expect([tab.suspicions, tab.closed]).toEqual([0, []]);
    for (let turn = 0; turn < 4; turn++) tab.tick();
    expect([tab.suspicions, tab.closed]).toEqual([1, [1006]]);
  });

  it('[TAB2] that itself did not run asks once more before', () => {
    for (const isAlive of [true, false]) {
      const tab = new FollowingTab();
      for (let turn = 0; turn < 3; turn++) tab.tick();
      const asked = tab.questions;
      // Answers that came while the machine slept lie behind the timer.
      tab.tick(3_600_000);
      expect([tab.questions, tab.suspicions, tab.closed]).toEqual([asked + 1, 0, []]);
      if (isAlive) tab.answer();
      // As in a tab that nobody looks at, whose timers are always late.
      tab.tick(60_000);
      expect([tab.suspicions, tab.closed]).toEqual(isAlive ? [0, []] : [1, [1006]]);
    }
  });
});
