// A client that closed a document with a batch under way, and opened it again, was answered that nothing of it was missing: the
// batch was held, but only queued. It called the document saved, and the commit could still fail.
import { documentName } from '@syncline/shared';
import { expect, it } from 'vitest';
import { Author, Core } from '../core/core.ts';
import { CoreSession } from '../native/core-session.ts';
import { until } from '../support/until.ts';

const name = documentName('notes');

/** A session whose update is being committed when it has opened the document again, with everything that it has. */
async function reopened(core: Core): Promise<CoreSession> {
  const author = new Author(1);
  const session = await CoreSession.join(core);
  core.journal.hold();
  session.updates(1, author.type('hello'));
  session.say({ say: 'close', channel: 1 });
  session.open(2);
  session.compare(2, Uint8Array.from(author.stateVector));
  // Whatever is answered without the commit has been answered when the journal has been read twice.
  for (let reads = 0; reads < 2; reads++) await core.journal.head(name);
  await new Promise(setImmediate);
  return session;
}

it('[NAT7] [SDK6] that nothing is missing is said when what was queued is committed', async () => {
  await using core = new Core();
  const session = await reopened(core);
  expect(session.of('caughtUp').filter(({ channel }) => channel === 2)).toEqual([]);
  core.journal.releaseAll();
  await until('it is answered', () => session.of('caughtUp').some(({ channel }) => channel === 2));
  expect(session.of('ask')).toEqual([]);
  expect((await core.journal.head(name))?.tail).toHaveLength(1);
});

it('[NAT7] [SDK6] what a failed commit loses is asked for before the answer', async () => {
  await using core = new Core();
  const session = await reopened(core);
  core.journal.failures = 1;
  core.journal.releaseAll();
  await until('it is answered', () => session.of('caughtUp').some(({ channel }) => channel === 2));
  expect(session.of('ask').map(({ channel }) => channel)).toEqual([2]);
});
