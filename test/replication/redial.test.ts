// When a replica that cannot be reached is dialed again: on a clock that the test moves.
import { maxRedialMs, minRedialMs } from '@syncline/server/replication/limits.ts';
import { expect, it } from 'vitest';
import { Core } from '../core/core.ts';
import { replicationOver } from './replication-over.ts';

/** The pauses between dials of which none reaches anybody. */
async function pausesWith(fraction: number): Promise<number[]> {
  await using core = new Core();
  const { clock } = core;
  const dialedMs: number[] = [];
  const replication = replicationOver(core, {
    fraction,
    peers: ['ws://there/replicate'],
    dialer: {
      dial: (_, dialing) => {
        dialedMs.push(clock.now());
        clock.after(0, () => dialing.failed('nothing listens there'));
        return { cancel() {} };
      },
    },
  });
  await replication.start();
  clock.advance(10 * maxRedialMs);
  replication.stop();
  return dialedMs.slice(1).map((atMs, at) => atMs - dialedMs[at]!);
}

it('[REP35] the pauses grow to a bound, and are drawn from all of it', async () => {
  const longest = await pausesWith(1);
  expect(longest.slice(0, 4)).toEqual([minRedialMs, 2 * minRedialMs, 4 * minRedialMs, 8 * minRedialMs]);
  expect(Math.max(...longest)).toBe(maxRedialMs);
  expect(longest.at(-1)).toBe(maxRedialMs);
  expect((await pausesWith(0.5)).at(-1)).toBe(maxRedialMs / 2);
});
