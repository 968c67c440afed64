// A client that opens with a position may compare before it hears that the position has expired. The comparison waited for
// the end of the resumption, which never came: neither it nor any later one was answered.
import { minTailEntriesAtRest } from '@syncline/server/core/limits.ts';
import { expect, it } from 'vitest';
import { Author, Core } from '../core/core.ts';
import { CoreSession } from '../native/core-session.ts';

it('[NAT6] [NAT7] a comparison that comes before the position has expired is answered', async () => {
  await using core = new Core();
  const author = new Author(1);
  await compacted(core, author);
  // In memory, so that the comparison waits for nothing but the log.
  await CoreSession.join(core);
  const log = core.journal.log.bind(core.journal);
  const readable = Promise.withResolvers<void>();
  core.journal.log = async (...where) => {
    await readable.promise;
    return log(...where);
  };
  const session = await CoreSession.greet(core);
  session.open(1, 'notes', session.position(1));
  session.compare(1);
  await new Promise(setImmediate);
  expect(session.of('expired')).toEqual([]);
  readable.resolve();
  await session.hears('caughtUp');
  expect(session.of('expired')).toHaveLength(1);
  expect(session.text).toBe(author.text);
});

/** A document whose log begins after its first entries. */
async function compacted(core: Core, author: Author): Promise<void> {
  const writer = await CoreSession.join(core);
  for (let batch = 1; batch <= minTailEntriesAtRest; batch++) {
    writer.updates(batch, author.type('.'));
    await core.committed(batch);
  }
  core.clock.advance(5_000);
  await core.compacted(1);
}
