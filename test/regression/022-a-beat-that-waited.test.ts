// A replica that hung for a while hears late what was said meanwhile, and took it for said when it was heard. What it passed on was younger
// than it was: one that had lost its newest epoch with a power cut was told that somebody had seen it there since, and took that for a copy
// of itself.
import { beatMs } from '@syncline/server/replication/limits.ts';
import { expect, it } from 'vitest';
import { HandLink } from '../replication/hand-link.ts';

const waitedMs = 13_000;

it('[REP3] what is heard late is as old as it is, however long it waited', async () => {
  await using link = await HandLink.open();
  await link.pass(4 * beatMs);
  const said = link.nextBeat();
  link.core.clock.advance(waitedMs);
  link.say(said);
  const heard = link.heardOf('beat').length;
  link.core.clock.advance(beatMs);
  const { replicas } = await link.hears('beat', heard + 1);
  const known = replicas.find(({ name }) => name === 'hand')!;
  expect(known.ageMs).toBeGreaterThanOrEqual(waitedMs + beatMs);
});
