// An update that adds nothing to what is queued shares the outcome of the last that does. Each repeat copied the list of all
// that shared it before, so one frame of them held everybody up for seconds; and none was counted, so a session that repeated
// what waited for a stalled disk filled the memory.
import { expect, it } from 'vitest';
import { Author, Core } from '../core/core.ts';
import { CoreSession } from '../native/core-session.ts';

const addsNothing = Uint8Array.of(0, 0);

it('[DUR5] a frame of repeats costs no more behind what is queued than behind nothing', async () => {
  await using core = new Core();
  core.journal.hold();
  const repeats = Array.from({ length: 65_000 }, () => addsNothing);
  const behindNothingMs = await timeToTake(core, await CoreSession.join(core, 'other'), repeats);
  const writer = await CoreSession.join(core);
  writer.updates(1, new Author(1).type('queued'));
  const behindQueuedMs = await timeToTake(core, writer, repeats);
  expect(behindQueuedMs).toBeLessThan(10 * behindNothingMs);
});

it('[DOC6] a session that repeats what waits for its commit is held back until that has ended', async () => {
  await using core = new Core();
  const writer = await CoreSession.join(core);
  core.journal.hold();
  const queued = new Author(1).type('queued');
  for (let batch = 1; batch <= 20_000; batch++) writer.updates(batch, queued);
  expect(writer.outbox.isPaused).toBe(true);
  core.journal.releaseAll();
  await writer.hears('stored');
  expect(writer.outbox.isPaused).toBe(false);
  expect(core.documents.queuedBytes).toBe(0);
});

async function timeToTake(core: Core, session: CoreSession, repeats: readonly Uint8Array[]): Promise<number> {
  const through = core.observed.repeated + repeats.length;
  const startMs = performance.now();
  session.updates(2, ...repeats);
  while (core.observed.repeated < through) {
    core.clock.advance(0);
    await new Promise(setImmediate);
  }
  return performance.now() - startMs;
}
