// Each update of a batch was small enough to be checked at once, and all of them were: a frame of 16 MiB held everybody up
// for seconds. A batch is checked in turns, and what others say is heard in between.
import { maxBytesCheckedAtOnce } from '@syncline/server/core/limits.ts';
import { YjsEngine } from '@syncline/server/engine/yjs.ts';
import { expect, it } from 'vitest';
import { Author, Core, letters } from '../core/core.ts';
import { CoreSession } from '../native/core-session.ts';

/** Counts what it checks. */
class CountingEngine extends YjsEngine {
  bytes = 0;

  override check(update: Uint8Array) {
    this.bytes += update.length;
    return super.check(update);
  }

  taken(): number {
    const { bytes } = this;
    this.bytes = 0;
    return bytes;
  }
}

it('[CHK3] of a batch no more is checked in one turn than holds up nobody', async () => {
  const engine = new CountingEngine(new Uint8Array(16));
  await using core = new Core(engine);
  const [writer, other] = [await CoreSession.join(core), await CoreSession.join(core, 'other')];
  const author = new Author(1);
  const batch = Array.from({ length: 100 }, () => author.type(letters(1_000)));
  const last = author.type('the end');
  // The one with which the bound is passed is checked as well.
  const most = maxBytesCheckedAtOnce + batch[0]!.length * 2;

  writer.updates(1, ...batch);
  writer.updates(2, last);
  expect(engine.taken()).toBeLessThan(most);
  other.updates(1, new Author(2).type('in between'));
  await other.hears('stored');
  engine.taken();
  const checked: number[] = [];
  while (writer.of('stored').at(-1)?.through !== 2) {
    core.clock.advance(0);
    await new Promise(setImmediate);
    checked.push(engine.taken());
  }
  expect(Math.max(...checked)).toBeLessThan(most);
  const reader = await CoreSession.join(core);
  expect(reader.text).toBe(author.text);
});
