// A page of the feed names each document once, where it was changed last: a full page leaves out what has changed again behind it. What
// came next went out with the updates of the last commit alone, and those of the commit before were never told.
import { RecentCommits } from '@syncline/server/replication/recent-commits.ts';
import { Feeder } from '@syncline/server/replication/feeder.ts';
import { pageListings } from '@syncline/server/replication/limits.ts';
import type { Message } from '@syncline/server/replication/messages.ts';
import { MemoryJournal } from '@syncline/server/store/memory.ts';
import { documentName } from '@syncline/shared';
import { expect, it } from 'vitest';
import { draft } from '../contract/journal-drafts.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { until } from '../support/until.ts';

it('[SIM5] what a page has left out is told without updates, so that all of it is fetched', async () => {
  const journal = new MemoryJournal();
  const name = documentName('changed twice');
  const { document } = await journal.append(name, () => draft({}));
  for (let index = 0; index < pageListings; index++)
    await journal.append(documentName(`other ${index}`), () => draft({}));
  const { sequence } = await journal.append(name, () => draft({ document, previous: 1 }));
  const [listing] = await journal.listings([name]);
  const recent = new RecentCommits();
  recent.add({ ...listing!, pieces: [{ author: {}, update: Uint8Array.of(1) }] });
  const said: Message[] = [];
  const feeder = new Feeder({
    clock: new ManualClock(),
    journal,
    recent,
    sink: {},
    isReplica: () => false,
    hasRoom: () => true,
    say: (message) => void said.push(message),
    count: () => {},
    onRegression: () => {},
    onResumed: () => {},
    onError: (error) => expect.fail(String(error)),
  });
  feeder.resume(1, [{ epoch: journal.epoch, position: 0, headSeen: 0 }]);
  const told = () => said.flatMap((message) => (message.say === 'changes' ? message.entries : []));
  await until('it has told of everything', () => told().at(-1)?.sequence === sequence);
  expect(told().at(-1)).toMatchObject({ document: name, updates: [] });
});
