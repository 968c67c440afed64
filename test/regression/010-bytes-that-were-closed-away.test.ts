// What waits for its commit was bounded for each channel: a session that spread it over several, or closed one and opened the
// next, was never held back, and filled the memory while the disk stalled.
import { expect, it } from 'vitest';
import { Author, Core, letters } from '../core/core.ts';
import { CoreSession } from '../native/core-session.ts';

it.each([
  ['that it has closed', true],
  ['that are open', false],
])('[DOC6] what one session has waiting is bounded over all channels %s', async (_, isToClose) => {
  await using core = new Core();
  const session = await CoreSession.join(core);
  core.journal.hold();
  const author = new Author(1);
  const isPaused = [1, 2].map((channel) => {
    if (channel > 1) session.open(channel);
    // 900 KB: one channel may have so much waiting.
    for (let batch = 1; batch <= 60; batch++) {
      session.say({ say: 'updates', channel, batch, updates: [author.type(letters(15_000))] });
    }
    if (isToClose) session.say({ say: 'close', channel });
    return session.outbox.isPaused;
  });
  expect(isPaused).toEqual([false, true]);
  core.journal.releaseAll();
  await core.committed(120);
  expect(session.outbox.isPaused).toBe(false);
});
