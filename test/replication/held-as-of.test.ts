// As of when another replica is said to hold what is here: on a clock that the test moves.
import { hexOf } from '@syncline/server/replication/replica-id.ts';
import { expect, it } from 'vitest';
import { Author } from '../core/core.ts';
import { HandLink } from './hand-link.ts';

it('[REP3] whoever acknowledges a part holds what was here until the next commit, and no later', async () => {
  await using link = await HandLink.open();
  const { core, hello, replication } = link;
  const author = new Author(1);
  const typist = await core.join();
  await core.commit(typist, author.type('held'));
  await link.pass(20_000);
  await core.commit(typist, author.type(', and not yet'));
  await link.pass(10_000);

  const { epoch } = core.journal;
  link.say({ say: 'resume', round: 1, candidates: [{ epoch, position: 0, headSeen: 0 }] });
  await link.hears('changes');
  const ageMs = async (): Promise<number> => {
    const { holdings, replica } = await replication.status();
    return holdings.find(({ holder, origin }) => holder === hexOf(hello.replica) && origin === replica)!
      .ageMs;
  };
  link.say({ say: 'ack', epoch, through: 1, held: 1 });
  expect(await ageMs()).toBe(10_000);
  link.say({ say: 'ack', epoch, through: 2, held: 2 });
  expect(await ageMs()).toBe(0);
});
