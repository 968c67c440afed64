import { expect, it } from 'vitest';
import { Unconfirmed } from './unconfirmed.ts';

let nowMs = 0;
const clock = {
  now: () => nowMs,
  after: () => ({ cancel: () => {} }),
  every: () => ({ cancel: () => {} }),
};

it('[REP9] is the age of the oldest sequence that is not acknowledged, to a tenth of a second, and 0 without one', () => {
  nowMs = 0;
  const unconfirmed = new Unconfirmed(clock, 5);
  for (let sequence = 6; sequence <= 105; sequence++) {
    nowMs += 40;
    unconfirmed.committed(sequence);
  }
  expect(unconfirmed.ageOf(105, 105)).toBe(0);
  for (const acked of [5, 30, 77, 104]) {
    const committedMs = (acked + 1 - 5) * 40;
    expect(Math.abs(unconfirmed.ageOf(acked, 105) - (nowMs - committedMs))).toBeLessThanOrEqual(100);
  }
  nowMs += 60_000;
  expect(unconfirmed.ageOf(104, 105)).toBeGreaterThanOrEqual(60_000);
});

it('[REP9] of what was committed before the process is at least that of the process', () => {
  nowMs = 1_000;
  const unconfirmed = new Unconfirmed(clock, 5);
  nowMs += 7_000;
  expect(unconfirmed.ageOf(3, 5)).toBe(7_000);
});

it('[REP9] takes bounded memory however long nobody acknowledges', () => {
  nowMs = 0;
  const unconfirmed = new Unconfirmed(clock, 0);
  for (let sequence = 1; sequence <= 100_000; sequence++) {
    nowMs += 200;
    unconfirmed.committed(sequence);
  }
  for (const acked of [1, 50_000, 99_000])
    expect(Math.abs(unconfirmed.ageOf(acked, 100_000) - (99_999 - acked) * 200)).toBeLessThan(10_000);
  unconfirmed.confirmed(99_000);
  expect(unconfirmed.ageOf(99_000, 100_000)).toBeGreaterThan(180_000);
  unconfirmed.confirmed(100_000);
  nowMs += 200;
  unconfirmed.committed(100_001);
  expect(unconfirmed.ageOf(100_000, 100_001)).toBe(0);
});

it('[REP9] of what a peer had acknowledged, and is owed again, is no less than it is', () => {
  nowMs = 0;
  const unconfirmed = new Unconfirmed(clock, 0);
  for (let sequence = 1; sequence <= 10_000; sequence++) {
    nowMs += 200;
    unconfirmed.committed(sequence);
    if (sequence % 10 === 0) unconfirmed.confirmed(sequence);
  }
  for (const acked of [0, 17, 5_000, 9_999]) {
    const ageMs = (10_000 - (acked + 1)) * 200;
    expect(unconfirmed.ageOf(acked, 10_000)).toBeGreaterThanOrEqual(ageMs);
    expect(unconfirmed.ageOf(acked, 10_000)).toBeLessThan(ageMs + 150_000);
  }
});
