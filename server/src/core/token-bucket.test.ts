import { expect, it } from 'vitest';
import type { Clock } from '../port/clock.ts';
import { TokenBucket } from './token-bucket.ts';

function bucketAt(): { bucket: TokenBucket; advance: (ms: number) => void } {
  let nowMs = 0;
  const clock = { now: () => nowMs } as Clock;
  return { bucket: new TokenBucket(clock, { perSecond: 10, atOnce: 5 }), advance: (ms) => (nowMs += ms) };
}

it('[LIM6] lets so many through at once, and after that so many a second', () => {
  const { bucket, advance } = bucketAt();
  expect([1, 1, 1, 1, 1].map((count) => bucket.take(count))).toEqual([0, 0, 0, 0, 0]);
  expect(bucket.take(1)).toBe(100);
  expect(bucket.take(1)).toBe(200);
  advance(200);
  expect(bucket.take(1)).toBe(100);
});

it('[LIM6] is full again after a pause, and not fuller', () => {
  const { bucket, advance } = bucketAt();
  bucket.take(5);
  expect(bucket.isFull).toBe(false);
  advance(60_000);
  expect(bucket.isFull).toBe(true);
  expect(bucket.take(6)).toBe(100);
});
