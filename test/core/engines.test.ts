// A document is of one engine: whoever speaks in another one's words is told so, whenever that turns out.
import * as Automerge from '@automerge/automerge';
import { idleMs, sweepMs } from '@syncline/server/core/limits.ts';
import { AutomergeEngine } from '@syncline/server/engine/automerge.ts';
import { YjsEngine } from '@syncline/server/engine/yjs.ts';
import type { Engine } from '@syncline/server/port/engine.ts';
import { documentName, SyncError } from '@syncline/shared';
import { expect, it } from 'vitest';
import { until } from '../support/until.ts';
import { Author, Core } from './core.ts';
import { RecordingSpeaker } from './recording-speaker.ts';

const digestKey = new Uint8Array(16);
const yjs = new YjsEngine(digestKey);
const automerge = new AutomergeEngine(digestKey);

const updates = {
  yjs: new Author(1).type('typed'),
  automerge: Automerge.getAllChanges(Automerge.from({ text: 'typed' }))[0]!,
};

const orders: [first: Engine, second: Engine][] = [
  [yjs, automerge],
  [automerge, yjs],
];

/** Opens the document in an engine's words. Gives the code with which that is refused, at once or later. */
async function refusalOf(core: Core, { name: engine, nothingHeld }: Engine): Promise<string | undefined> {
  const speaker = new RecordingSpeaker();
  try {
    speaker.channel = core.documents.open(documentName('notes'), speaker, { engine });
  } catch (error) {
    if (error instanceof SyncError) return error.code;
    throw error;
  }
  speaker.channel.requested(nothingHeld.bytes);
  await until(
    'it is answered or refused',
    () => speaker.refused !== undefined || speaker.of('answer').length > 0,
  );
  return speaker.refused?.code;
}

it.each(orders)('[AUT15] a document that is open as %o is not opened as another', async (first, second) => {
  await using core = new Core(first, second);
  const speaker = await core.join();
  expect(await refusalOf(core, second)).toBe('wrong_engine');
  await core.commit(speaker, updates[first.name]);
  expect(await refusalOf(core, second)).toBe('wrong_engine');
  expect(await refusalOf(core, first)).toBeUndefined();
  expect(speaker.refused).toBeUndefined();
});

it.each(orders)(
  '[AUT15] a document that is stored as %o is not opened as another, in memory or not',
  async (first, second) => {
    await using core = new Core(first, second);
    const speaker = await core.join();
    await core.commit(speaker, updates[first.name]);
    speaker.channel.close();
    expect(await refusalOf(core, second)).toBe('wrong_engine');
    core.clock.advance(idleMs + sweepMs);
    core.clock.advance(sweepMs);
    expect(core.documents.count).toBe(0);
    expect(await refusalOf(core, second)).toBe('wrong_engine');
    expect(await refusalOf(core, first)).toBeUndefined();
  },
);

it.each(orders)(
  '[AUT15] a document that nobody has written to is of the engine of whoever has it open',
  async (first, second) => {
    await using core = new Core(first, second);
    const speaker = await core.join();
    expect(await refusalOf(core, second)).toBe('wrong_engine');
    speaker.channel.close();
    expect(await refusalOf(core, second)).toBeUndefined();
  },
);
