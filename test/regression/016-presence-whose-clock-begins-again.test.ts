// A client that comes back with a clock below the one at which it was removed, as after a reload, was ignored without a word:
// nobody saw it until it had counted past that clock.
import { expect, it } from 'vitest';
import { Core } from '../core/core.ts';
import { CoreSession } from '../native/core-session.ts';

const state = new TextEncoder().encode('{}');
const client = 7;

it('[PRS5] a client whose clock begins again is told the clock at which it was removed, and seen with the next', async () => {
  await using core = new Core();
  const [session, witness] = [await CoreSession.join(core), await CoreSession.join(core)];
  const seen = () => witness.of('presence').flatMap(({ entries }) => entries);
  const say = async (channel: number, clock: number): Promise<void> => {
    session.say({ say: 'presence', channel, entries: [{ client, clock, state }] });
    core.clock.advance(50);
    await new Promise(setImmediate);
  };
  await say(1, 5);
  expect(seen().at(-1)).toMatchObject({ clock: 5, state });
  session.say({ say: 'close', channel: 1 });
  // The others are told that it has left before it is back.
  core.clock.advance(50);
  session.open(2);
  await say(2, 0);
  const { channel, entries } = await session.hears('presence');
  expect({ channel, entries }).toEqual({ channel: 2, entries: [{ client, clock: 5, state: undefined }] });
  await say(2, 6);
  expect(seen().at(-1)).toMatchObject({ clock: 6, state });
});
