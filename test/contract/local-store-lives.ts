// The cases about whose a document is: lives, engines, tabs, and stores that are closed or have company.
import { type LocalStoreCase, using, write, written } from './local-store-case.ts';
import { bytes, expectCode, same } from './local-store-same.ts';

export const livesCases: readonly LocalStoreCase[] = [
  {
    name: '[LOC5] a document that was forgotten has another life, and nothing is written to the one before',
    run: ({ open }) =>
      using(open, async (store) => {
        const unsaved = { tab: 't', edits: 1, sinceMs: 1 };
        const first = written(await store.write([write({ updates: [bytes(1)], unsaved })]));
        await store.write([
          write({ life: first.life, updates: [], snapshot: { bytes: [bytes(9)], through: 1 } }),
        ]);
        await store.forget('a');
        same([await store.read('a'), await store.list()], [undefined, []]);
        const late = write({ life: first.life, updates: [bytes(2)], unsaved });
        const other = write({ document: 'b', updates: [bytes(3)] });
        same(
          (await store.write([late, other])).map(({ is }) => is),
          ['of-another-life', 'written'],
        );
        same(
          (await store.list()).map(({ document }) => document),
          ['b'],
        );

        const second = written(await store.write([write({ updates: [bytes(4)] })]));
        same([second.through, second.life === first.life], [1, false]);
        same(await store.write([late]), [{ is: 'of-another-life' }]);
        same(await store.read('a', { life: first.life, through: 1 }), undefined);
        const kept = (await store.read('a'))!;
        same([kept.updates, kept.unsaved], [[bytes(4)], []]);
      }),
  },
  {
    name: '[LOC6] a document of another engine is not written to',
    run: ({ open }) =>
      using(open, async (store) => {
        const { life } = written(await store.write([write({ updates: [bytes(1)] })]));
        for (const known of [life, undefined]) {
          const answer = await store.write([
            write({ engine: 'automerge', life: known, updates: [bytes(2)] }),
            write({ updates: [bytes(3)] }),
          ]);
          same(answer[0], { is: 'of-another-engine', engine: 'yjs' });
        }
        same((await store.read('a'))?.updates, [bytes(1), bytes(3), bytes(3)]);
        await store.forget('a');
        same(written(await store.write([write({ engine: 'automerge' })])).through, 0);
        same((await store.read('a'))?.engine, 'automerge');
      }),
  },
  {
    name: '[LOC7] what is unsaved is said until it is saved, tab by tab',
    run: async ({ open }) => {
      const [one, two] = [
        { tab: 'one', edits: 2, sinceMs: 10 },
        { tab: 'two', edits: 1, sinceMs: 20 },
      ];
      await using(open, async (store) => {
        await store.write([write({ unsaved: one })]);
        await store.write([write({ unsaved: two }), write({ document: 'b', unsaved: two })]);
        await store.write([write({ document: 'c' })]);
      });
      await using(open, async (store) => {
        const unsaved = async (): Promise<unknown> =>
          (await store.read('a'))!.unsaved.toSorted((a, b) => a.sinceMs - b.sinceMs);
        same(await unsaved(), [one, two]);
        const summaries = (await store.list()).toSorted((a, b) => (a.document < b.document ? -1 : 1));
        same(
          summaries.map(({ isUnsaved }) => isUnsaved),
          [true, true, false],
        );
        const more = { ...one, edits: 3 };
        await store.write([write({ unsaved: more })]);
        // Its tab has typed on since this was read.
        await store.write([write({ saved: [one, { ...two, sinceMs: 21 }] })]);
        same(await unsaved(), [more, two]);
        await store.write([write({ saved: [two] })]);
        same(await unsaved(), [more]);
        await store.write([write({ unsaved: { ...more, edits: 0 } })]);
        same(await unsaved(), []);
        same((await store.read('b'))?.unsaved, [two]);
        const own = { tab: 'two', edits: 4, sinceMs: 40 };
        await store.write([write({ document: 'b', saved: [two], unsaved: own })]);
        same((await store.read('b'))?.unsaved, [own]);
      });
    },
  },
  {
    name: '[LOC9] a store that was closed says so',
    run: async ({ open }) => {
      const store = open();
      const last = store.write([write({ updates: [bytes(1)] })]);
      written(await last);
      await store.close();
      await store.close();
      await expectCode(store.read('a'), 'closed');
      await expectCode(store.write([write({})]), 'closed');
      await expectCode(store.forget('a'), 'closed');
      await expectCode(store.list(), 'closed');
      await using(open, async (again) => same((await again.read('a'))?.updates, [bytes(1)]));
    },
  },
  {
    name: '[LOC3] [LOC5] two that have it open at once see what the other has written',
    isShared: true,
    run: async ({ open }) => {
      const [one, other] = [open(), open()];
      const { life } = written(await one.write([write({ updates: [bytes(0)] })]));
      const writing = Array.from({ length: 20 }, (_, index) =>
        (index % 2 === 0 ? one : other).write([write({ life, updates: [bytes(index), bytes(index)] })]),
      );
      const numbers = (await Promise.all(writing)).map((answers) => written(answers).through);
      same(
        numbers.toSorted((a, b) => a - b),
        Array.from({ length: 20 }, (_, index) => 3 + 2 * index),
      );
      same(await one.read('a'), await other.read('a'));
      const first = await other.read('a', { life, through: 39 });
      same(first?.updates.length, 2);
      await other.write([write({ life, updates: [], snapshot: { bytes: [bytes(9)], through: 39 } })]);
      same((await one.read('a', { life, through: 39 }))?.updates, first?.updates);
      await one.forget('a');
      same(await other.write([write({ life })]), [{ is: 'of-another-life' }]);
      await Promise.all([one.close(), other.close()]);
    },
  },
];
