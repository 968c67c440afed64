// Small updates that cost whoever takes them in seconds or gigabytes: refused where that can be told, and where it cannot each ends its
// own task, and what waits behind it is done.
import { readdirSync, readFileSync } from 'node:fs';
import * as Automerge from '@automerge/automerge';
import { AutomergeEngine } from '@syncline/server/engine/automerge.ts';
import { checkUpdate, maxFreeOperations } from '@syncline/server/engine/automerge/check.ts';
import { maxNesting } from '@syncline/server/engine/automerge/nesting.ts';
import { CostlyTask, type Stored } from '@syncline/server/port/engine.ts';
import { SyncError } from '@syncline/shared';
import { afterAll, expect, it } from 'vitest';
import { readBy } from './automerge-content.ts';
import { changeOf, partsOf } from './automerge-mutate.ts';
import { inflating, manyNulls, nestedMaps } from './automerge-payloads.ts';

const megabyte = 1024 * 1024;

const engine = new AutomergeEngine(new Uint8Array(16));
afterAll(() => engine.stop());

it('[AUT3] what inflates to too much is refused, on this thread and in a worker', async () => {
  const small = inflating(15 * megabyte);
  const large = inflating(20 * megabyte);
  expect(small.length).toBeLessThan(16 * 1024);
  expect(large.length).toBeLessThan(megabyte);
  for (const bomb of [small, large])
    expect(await codeOf(async () => engine.check(bomb))).toBe('update_too_costly');
});

it('[AUT3] too many operations are counted and not made', async () => {
  const [, taken] = manyNulls(maxFreeOperations);
  expect(checkUpdate(taken).changes[0]!.maxOp).toBe(maxFreeOperations + 1);
  for (const count of [maxFreeOperations + 1_000, 2 ** 30]) {
    const [, bomb] = manyNulls(count);
    expect(bomb.length).toBeLessThan(128);
    expect(await codeOf(async () => engine.check(bomb))).toBe('update_too_costly');
  }
});

it('[AUT3] what is typed and pasted has its bytes', () => {
  const [change] = Automerge.getAllChanges(Automerge.from({ text: 'x'.repeat(10_000) }));
  expect(checkUpdate(change!, { freeOperations: 10 }).changes[0]!.maxOp).toBe(10_001);
  const [, nulls] = manyNulls(10_000);
  expect(() => checkUpdate(nulls, { freeOperations: 10 })).toThrow('operations');
});

it('[AUT3] objects deeper in each other than anybody nests them are refused', () => {
  expect(checkUpdate(nestedMaps(maxNesting)).changes).toHaveLength(1);
  expect(() => checkUpdate(nestedMaps(maxNesting + 1))).toThrow('deeper');
});

it('[AUT13] a document that fills the memory ends its compaction alone', async () => {
  // Each of them is taken; together they are more than a process has room for.
  const [first, second] = manyNulls(maxFreeOperations);
  const tail = [first, second];
  for (let actor = 0; actor < 3; actor++)
    tail.push(
      changeOf({
        ...partsOf(second),
        actor: Uint8Array.of(actor),
        others: [partsOf(second).actor],
        seq: 1,
        columns: ofOther(second),
      }),
    );
  const costly = engine.compact(stored(...tail));
  const change = hello('behind it');
  const behind = engine.compact(stored(change));
  await expect(costly).rejects.toBeInstanceOf(CostlyTask);
  expect(readBy((await behind).chunks)).toEqual(readBy([change]));
});

it('[AUT13] a process whose memory has grown is replaced, and nothing is lost with it', async () => {
  const small = stored(hello('small'));
  await engine.compact(small);
  const before = children();
  const large = Automerge.getAllChanges(Automerge.from({ attachment: new Uint8Array(12 * megabyte) }));
  expect(await engine.compact(stored(...large))).toMatchObject({ rejected: [] });
  expect(await engine.compact(small)).toMatchObject({ rejected: [] });
  expect(children().some((child) => !before.includes(child))).toBe(true);
});

it('[AUT12] what is not a whole document, for all that it says so, is refused, and a bundle is', async () => {
  const document = Automerge.save(Automerge.from({ text: 'a text that is long enough to be looked at' }));
  const summary = await engine.check(document);
  expect(summary).toMatchObject({ changes: [{ seq: 1 }] });
  for (let bit = 9 * 8; bit < document.length * 8; bit += 61) {
    const flipped = document.slice();
    flipped[bit >> 3]! ^= 1 << (bit & 7);
    expect(await codeOf(async () => engine.check(flipped))).toBe('malformed_update');
  }
  const edited = Automerge.from({ text: 'a' });
  const bundle = Automerge.saveBundle(edited, Automerge.getHeads(edited));
  expect(await codeOf(async () => engine.check(bundle))).toBe('malformed_update');
});

it('[AUT14] a document is exported as JSON, and as text if it is one', async () => {
  const document = Automerge.from({
    text: 'Grüße',
    number: new Automerge.Counter(3),
    bytes: Uint8Array.of(1, 2, 3),
    date: new Date(0),
    list: [1, 'two', { three: null }],
    word: new Automerge.ImmutableString('word'),
  });
  const tail = Automerge.getAllChanges(document);
  expect(JSON.parse(await engine.export(stored(...tail), 'json'))).toEqual({
    text: 'Grüße',
    number: 3,
    bytes: 'AQID',
    date: '1970-01-01T00:00:00.000Z',
    list: [1, 'two', { three: null }],
    word: 'word',
  });
  await expect(engine.export(stored(...tail), 'text')).rejects.toMatchObject({ code: 'bad_request' });
  const text = Automerge.getAllChanges(Automerge.from({ anything: 'Grüße' }));
  expect(await engine.export(stored(...text), 'text')).toBe('Grüße');
});

/** The columns of a change, referring to the first other actor in the place of its own. */
function ofOther(change: Uint8Array) {
  const object = 0x01;
  return partsOf(change).columns.map(({ number, data }) =>
    number === object ? { number, data: Uint8Array.from([...data.subarray(0, -1), 1]) } : { number, data },
  );
}

/** The processes that this one has started. */
function children(): string[] {
  return readdirSync('/proc/self/task').flatMap((thread) =>
    readFileSync(`/proc/self/task/${thread}/children`, 'utf8').trim().split(' '),
  );
}

async function codeOf(act: () => Promise<unknown>): Promise<string> {
  try {
    await act();
  } catch (error) {
    if (error instanceof SyncError) return error.code;
    throw error;
  }
  return 'taken';
}

function stored(...tail: Uint8Array[]): Stored {
  return { version: undefined, chunks: [], tail };
}

function hello(text: string): Uint8Array {
  return Automerge.getAllChanges(Automerge.from({ text }, { actor: 'bb' }))[0]!;
}
