// A replica that fetches a document asks for what is missing here, with what waits for its commit as held. When that commit failed before
// the answer came, which left it out, the document was taken for fetched: the replica said that it had what it had lost.
import { Fetches } from '@syncline/server/replication/fetches.ts';
import { Lives } from '@syncline/server/replication/lives.ts';
import type { Message } from '@syncline/server/replication/messages.ts';
import { enginesOf } from '@syncline/server/port/engine.ts';
import { documentName } from '@syncline/shared';
import { expect, it } from 'vitest';
import { Author, Core } from '../core/core.ts';
import { until } from '../support/until.ts';

it('[REP3] what a fetch leaves out since it waits for its commit is known to be lost when that fails', async () => {
  await using core = new Core();
  const { clock, documents, engine, journal, observed } = core;
  const said: Message[] = [];
  const say = (message: Message): void => void said.push(message);
  const onSilence = (): void => expect.fail('it takes the source for silent');
  const fetches = new Fetches({
    clock,
    documents,
    lives: new Lives(clock, enginesOf(engine), say, onSilence),
    author: { queued() {}, settled() {} },
    say,
    hold: () => {},
    onSilence,
  });
  const typist = await core.join('notes');
  journal.hold();
  journal.failures = 1;
  typist.channel.update(new Author(1).type('held at the source, too'));

  const outcomes: boolean[] = [];
  const fetched = Promise.withResolvers<number>();
  fetches.want({
    name: documentName('notes'),
    life: { engine: engine.name, incarnation: 1, isDeleted: false },
    outcome: () => ({ settled: (isStored) => outcomes.push(isStored) }),
    fetched: fetched.resolve,
    failed: fetched.reject,
  });
  await until('it is asked for', () => said.length > 0);
  journal.releaseAll();
  await until('the commit has failed', () => observed.notices.length > 0);
  fetches.document({ say: 'document', ticket: 1, part: 0, isLast: 1, updates: [] });
  expect(await fetched.promise).toBe(0);
  expect(outcomes).toEqual([false]);
  fetches.close();
});
