// Updates that pass the check, or take long to, and cost whoever builds their document seconds, gigabytes or the stack.
// Each ends its own task, and what waits behind it is done.
import { documentName, SyncError } from '@syncline/shared';
import { afterAll, expect, it } from 'vitest';
import * as Y from 'yjs';
import { YjsEngine } from '@syncline/server/engine/yjs.ts';
import { checkUpdate } from '@syncline/server/engine/yjs/check.ts';
import { CostlyTask, type Engine, type Stored } from '@syncline/server/port/engine.ts';
import { nestedJson, rootNames, sameOrigin } from '../support/bombs.ts';
import { temporaryFolder } from '../support/server.ts';
import { until } from '../support/until.ts';
import { deleteOutermost, emptyObjects, nestedArrays, singleClocks } from './payloads.ts';
import { Replica } from './replica.ts';

const megabyte = 1024 * 1024;

const engine = new YjsEngine(new Uint8Array(16));
afterAll(() => engine.stop());

it('[ENG1] a document that takes half a minute to build ends its compaction alone', async () => {
  const costly = engine.compact(stored(sameOrigin(20_000)));
  const behind = engine.compact(stored(hello('behind it')));
  await expect(costly).rejects.toBeInstanceOf(CostlyTask);
  expect((await behind).digest).toEqual(await digestOf(engine, hello('behind it')));
});

it('[ENG1] [CHK3] a document that fills the memory ends its compaction or its check alone', async () => {
  const compaction = engine.compact(stored(emptyObjects(12 * megabyte)));
  const check = engine.check(emptyObjects(16 * megabyte)) as Promise<unknown>;
  const ended = Promise.allSettled([compaction, check]);
  const behind = [
    engine.export(stored(hello('behind it')), 'text'),
    engine.diff(engine.nothingHeld, [hello('too')]),
  ];
  expect(await ended).toMatchObject([
    { status: 'rejected', reason: { name: 'CostlyTask' } },
    { status: 'rejected', reason: { code: 'update_too_costly' } },
  ]);
  expect(await Promise.all(behind)).toEqual(['behind it', [hello('too')]]);
});

it('[ENG1] a document of 70,000 root names is compacted in time or is costly, and either way that is all', async () => {
  const tail = Array.from({ length: 100 }, (_, index) => rootNames(index * 700, 700));
  for (const update of tail) expect(checkUpdate(update).held).toHaveLength(3);
  const compaction = engine.compact({ version: undefined, chunks: [], tail }).then(
    ({ digest }) => digest,
    (error: unknown) => error,
  );
  const behind = engine.export(stored(hello('behind it')), 'text');
  const outcome = await compaction;
  expect(outcome instanceof CostlyTask ? 'costly' : outcome).toBeOneOf([
    'costly',
    await digestOf(engine, ...tail),
  ]);
  expect(await behind).toBe('behind it');
});

it('[ENG1] a task that is under way when the engine stops is told so, and no process stays behind', async () => {
  const stopping = new YjsEngine(new Uint8Array(16));
  await stopping.export(stored(hello('started')), 'text');
  const tasks = [stopping.compact(stored(sameOrigin(20_000))), stopping.compact(stored(hello('next')))];
  const outcomes = Promise.allSettled(tasks);
  await stopping.stop();
  for (const outcome of await outcomes) {
    expect(outcome).toMatchObject({ status: 'rejected', reason: new SyncError('going_away') });
  }
  await expect(stopping.compact(stored())).rejects.toThrow(new SyncError('going_away'));
});

it('[CHK1] [CHK2] nested JSON that would overflow a reader is refused', () => {
  for (const depth of [257, 10_000, 1_000_000]) {
    expect(() => checkUpdate(nestedJson(depth))).toThrow(
      expect.objectContaining({ code: 'malformed_update' }),
    );
  }
});

it('[ENG3] an update that overflows the stack of whoever applies it is found and set aside, and nothing else', async () => {
  const tail = [hello('before'), nestedArrays(20_000), hello('between'), deleteOutermost(), hello('after')];
  for (const update of tail) expect(await engine.check(update)).toBeDefined();
  const reader = new Y.Doc();
  expect(() => tail.forEach((update) => Y.applyUpdate(reader, update))).toThrow(RangeError);
  const compaction = await engine.compact(stored(...tail));
  expect(compaction.rejected).toEqual([3]);
  const kept = tail.toSpliced(3, 1);
  expect(compaction.digest).toEqual(await digestOf(engine, ...kept));
  const after = new Y.Doc();
  for (const chunk of compaction.chunks) Y.applyUpdate(after, chunk);
  expect(['before', 'between', 'after'].map((text) => after.getText(text).toJSON())).toEqual([
    'before',
    'between',
    'after',
  ]);
  expect(after.getArray('nested')).toHaveLength(1);
  // On top of a snapshot, and together with another.
  const again = await engine.compact({
    ...compaction,
    tail: [deleteOutermost(), hello('x'), deleteOutermost()],
  });
  expect(new Set(again.rejected)).toEqual(new Set([0, 2]));
});

it('[CHK3] a check that takes seconds leaves this thread free, and what comes behind it is checked', async () => {
  let turns = 0;
  const timer = setInterval(() => turns++, 10);
  try {
    const costly = engine.check(singleClocks(16 * megabyte)) as Promise<unknown>;
    const behind = engine.check(hello('x'.repeat(20_000)));
    await expect(costly).rejects.toMatchObject({ code: 'update_too_costly' });
    expect(turns).toBeGreaterThan(50);
    expect(await behind).toMatchObject({ held: [expect.any(Number), 0, 20_000] });
  } finally {
    clearInterval(timer);
  }
});

const costlyName = documentName('costly');

it('[ENG2] a document whose compaction is costly twice is served as it is stored, to whomever, and goes on', async () => {
  using folder = temporaryFolder();
  await using replica = await Replica.open(folder.path);
  const writer = await replica.read(costlyName);
  const updates = [sameOrigin(20_000), hello('one'), hello('two'), hello('three')];
  for (const [strikes, update] of updates.slice(0, 2).entries()) {
    await replica.write(writer, [update]);
    await until('the compaction has ended', () => replica.observed.compactions.length > strikes);
  }
  expect(replica.observed.compactions).toEqual(['costly', 'costly']);
  await until('it is marked', async () => (await replica.head(costlyName)).isCostly);
  await same(replica, updates.slice(0, 2));
  await replica.write(writer, updates.slice(2));
  await until('it is folded', async () => (await replica.head(costlyName)).snapshot !== undefined);
  await same(replica, updates);
  expect(replica.observed.compactions).toEqual(['costly', 'costly', 'done']);
});

/** Whoever has nothing, and whoever has the last of them, is told exactly these updates. */
async function same(replica: Replica, updates: readonly Uint8Array[]): Promise<void> {
  const wanted = await digestOf(replica.engine, ...updates);
  expect((await replica.head(costlyName)).digest).toEqual(wanted);
  const known = await replica.engine.version(undefined, updates.slice(-1));
  for (const request of [Uint8Array.of(0), known.request()]) {
    const reader = await replica.read(costlyName, request);
    const told = reader.said.flatMap(({ pieces }) => pieces);
    expect(await digestOf(replica.engine, ...told)).toEqual(wanted);
    reader.channel.close();
  }
}

/** A text of its own, by a client of its own; the same bytes whenever it is called. */
function hello(text: string): Uint8Array {
  const name = text.slice(0, 10);
  const document = new Y.Doc();
  document.clientID = Number.parseInt(Buffer.from(name).toString('hex'), 16) % 2 ** 31;
  document.getText(name).insert(0, text);
  return Y.encodeStateAsUpdate(document);
}

function stored(...tail: Uint8Array[]): Stored {
  return { version: undefined, chunks: [], tail };
}

async function digestOf(by: Engine, ...updates: readonly Uint8Array[]): Promise<Uint8Array> {
  return (await by.version(undefined, updates)).digest();
}
