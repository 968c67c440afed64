// A digest is told when nothing is queued any more. One that waited for a commit was forgotten when that failed and its author
// was gone: the client waited for it until somebody typed.
import { minRetryMs } from '@syncline/server/core/limits.ts';
import { expect, it } from 'vitest';
import { Author, Core } from '../core/core.ts';
import { CoreSession } from '../native/core-session.ts';
import { until } from '../support/until.ts';

it('[NAT7] a digest that waited for a commit is told when the commit has failed', async () => {
  await using core = new Core();
  const [writer, reader] = [await CoreSession.join(core), await CoreSession.join(core)];
  const author = new Author(1);
  writer.updates(1, author.type('stored'));
  await writer.hears('stored');
  core.journal.hold();
  core.journal.failures = 1;
  writer.updates(2, author.type('lost'));
  await new Promise(setImmediate);
  reader.say({ say: 'verify', channel: 1 });
  await new Promise(setImmediate);
  writer.end();
  expect(reader.of('caughtUp')).toHaveLength(1);
  core.journal.releaseAll();
  await until('the commit has failed', () => core.observed.notices.length > 0);
  core.clock.advance(minRetryMs);
  const { position, digest } = await reader.hears('caughtUp', 2);
  expect(position).toBe(1);
  expect(digest).toHaveLength(16);
});
