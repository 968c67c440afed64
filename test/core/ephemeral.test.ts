import { maxEphemeralNameLength, presenceRate } from '@syncline/server/core/limits.ts';
import { maxEphemeralBytes } from '@syncline/shared';
import { expect, it } from 'vitest';
import { Core } from './core.ts';
import type { RecordingSpeaker } from './recording-speaker.ts';

function message(count: number, { sender = 'anna', session = 's', data = new Uint8Array([count]) } = {}) {
  return { sender, session, count, data };
}

const heard = ({ ephemerals }: RecordingSpeaker): string[] =>
  ephemerals.map(({ sender, session, count }) => `${sender}/${session} ${count}`);

it('[EPH1] a message reaches all others at once, and not the one from whom it came', async () => {
  await using core = new Core();
  const [anna, ben, carl] = [await core.join(), await core.join(), await core.join()];
  const other = await core.join('other');
  anna.channel.ephemeral(message(1, { data: Uint8Array.of(7, 8) }));
  for (const { ephemerals } of [ben, carl])
    expect(ephemerals).toMatchObject([{ sender: 'anna', session: 's', count: 1, data: Uint8Array.of(7, 8) }]);
  for (const { ephemerals } of [anna, other]) expect(ephemerals).toEqual([]);
  expect(await core.journal.feed(0, 9)).toEqual({ listings: [], head: 0 });
});

it('[EPH1] a message that was passed on is not passed on again, whoever brings it', async () => {
  await using core = new Core();
  const [anna, ben, carl] = [await core.join(), await core.join(), await core.join()];
  anna.channel.ephemeral(message(2));
  for (const count of [2, 1]) carl.channel.ephemeral(message(count));
  anna.channel.ephemeral(message(1, { session: 't' }));
  carl.channel.ephemeral(message(1, { sender: 'carl' }));
  expect(heard(ben)).toEqual(['anna/s 2', 'anna/t 1', 'carl/s 1']);
  expect(heard(anna)).toEqual(['carl/s 1']);
});

it('[EPH2] a larger one ends the channel, and reaches nobody', async () => {
  await using core = new Core();
  const [anna, ben] = [await core.join(), await core.join()];
  anna.channel.ephemeral(message(1, { data: new Uint8Array(maxEphemeralBytes) }));
  expect(anna.refused).toBeUndefined();
  anna.channel.ephemeral(message(2, { data: new Uint8Array(maxEphemeralBytes + 1) }));
  expect(anna.refused?.code).toBe('ephemeral_too_large');
  expect(heard(ben)).toEqual(['anna/s 1']);
});

it.each(['sender', 'session'] as const)(
  '[EPH2] one whose %s is a long text ends the channel, and reaches nobody',
  async (name) => {
    await using core = new Core();
    const [anna, ben] = [await core.join(), await core.join()];
    anna.channel.ephemeral(message(1, { [name]: 'a'.repeat(maxEphemeralNameLength) }));
    expect([anna.refused, ben.ephemerals.length]).toEqual([undefined, 1]);
    anna.channel.ephemeral(message(2, { [name]: 'a'.repeat(maxEphemeralNameLength + 1) }));
    expect([anna.refused?.code, ben.ephemerals.length]).toEqual(['ephemeral_too_large', 1]);
  },
);

it('[EPH2] too many at once wait, and none is lost', async () => {
  await using core = new Core();
  const [anna, ben] = [await core.join(), await core.join()];
  const count = presenceRate.atOnce + 2;
  for (let each = 1; each <= count; each++) anna.channel.ephemeral(message(each));
  expect(ben.ephemerals.length).toBeLessThan(count);
  for (let second = 0; second < 3; second++) {
    core.clock.advance(1_000);
    await new Promise(setImmediate);
  }
  expect(ben.ephemerals.map((each) => each.count)).toEqual(Array.from({ length: count }, (_, at) => at + 1));
});

it('[EPH2] a reader without room misses what is said meanwhile', async () => {
  await using core = new Core();
  const [anna, ben] = [await core.join(), await core.join()];
  ben.hasRoom = false;
  anna.channel.ephemeral(message(1));
  ben.drain();
  anna.channel.ephemeral(message(2));
  expect(heard(ben)).toEqual(['anna/s 2']);
});
