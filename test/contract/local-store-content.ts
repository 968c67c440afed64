// The cases about what is read back: contents, names, numbers, snapshots.
import type { KeptDocument } from '@syncline/client/local/store.ts';
import { type LocalStoreCase, using, write, written } from './local-store-case.ts';
import { bytes, same, sameBytes } from './local-store-same.ts';

export const contentCases: readonly LocalStoreCase[] = [
  {
    name: '[LOC1] has nothing at first',
    run: ({ open }) =>
      using(open, async (store) => {
        same(await store.read('a'), undefined);
        same(await store.read('a', { life: 'x', through: 0 }), undefined);
        same(await store.list(), []);
        await store.forget('a');
        same(await store.write([]), []);
      }),
  },
  {
    name: '[LOC1] reads back what was written, in order, byte for byte',
    run: ({ open }) =>
      using(open, async (store) => {
        const every = Uint8Array.from({ length: 256 }, (_, index) => index);
        const first = written(await store.write([write({ updates: [bytes(1, 2), new Uint8Array(0)] })]));
        same(first.through, 2);
        same(written(await store.write([write({ updates: [every] })])), { ...first, through: 3 });
        same(await store.read('a'), {
          engine: 'yjs',
          life: first.life,
          updates: [bytes(1, 2), bytes(), every],
          through: 3,
          tail: { entries: 3, bytes: 258 },
          mark: undefined,
          unsaved: [],
        });
      }),
  },
  {
    name: '[LOC1] is there when it is opened again, with everything else that was said of it',
    run: async ({ open }) => {
      const resume = {
        replica: bytes(1, 2, 3),
        epoch: bytes(4, 5),
        position: 2 ** 40,
        headSeen: 2 ** 40 + 1,
      };
      const before = await using(open, async (store) => {
        const { life } = written(await store.write([write({ updates: [bytes(1), bytes(2)] })]));
        await store.write([
          write({
            life,
            updates: [bytes(3)],
            snapshot: { bytes: [bytes(9), bytes(8)], through: 2 },
            mark: { resume, incarnation: 7 },
            unsaved: { tab: 't', edits: 3, sinceMs: 1_700_000_000_000 },
          }),
          write({ document: 'b', engine: 'automerge', mark: { resume: undefined, incarnation: 0 } }),
        ]);
        return [await store.read('a'), await store.read('b'), await store.list()];
      });
      same((before[0] as KeptDocument).mark, { resume, incarnation: 7 });
      await using(open, async (store) => {
        same([await store.read('a'), await store.read('b'), await store.list()], before);
        same(written(await store.write([write({ updates: [bytes(4)] })])).through, 4);
      });
    },
  },
  {
    name: '[LOC1] keeps values of 10 MB, and a small part of a large buffer as that part',
    run: async ({ open }) => {
      const large = Uint8Array.from({ length: 10 * 1024 * 1024 }, (_, index) => (index * 7) ^ (index >> 11));
      const part = large.subarray(1_000, 1_003);
      await using(open, async (store) => {
        const { life } = written(await store.write([write({ updates: [large, part] })]));
        await store.write([write({ life, updates: [], snapshot: { bytes: [part, large], through: 1 } })]);
      });
      await using(open, async (store) => {
        const { updates, tail } = (await store.read('a'))!;
        same(tail, { entries: 1, bytes: 3 });
        same([updates.length, updates[0], updates[2]], [3, part, part]);
        sameBytes(updates[1]!, large);
        same(updates[2]!.buffer.byteLength, 3);
      });
    },
  },
  {
    name: '[LOC8] takes any text for a name, and confuses none',
    run: async ({ open }) => {
      const names = [
        '',
        'a',
        'A',
        'a/b',
        'a\0',
        '\0',
        '..',
        '__proto__',
        'ä',
        'a\u0308',
        '日本語',
        '😀',
        '\uD83D',
      ];
      const all = [...names, '\uDE00', '\uFFFF', 'x'.repeat(5_000), '[', '"\\\n'];
      await using(open, (store) =>
        store.write(all.map((document, index) => write({ document, updates: [bytes(index)] }))),
      );
      await using(open, async (store) => {
        same((await store.list()).map(({ document }) => document).toSorted(), all.toSorted());
        for (const [index, document] of all.entries())
          same((await store.read(document))?.updates, [bytes(index)]);
        await store.forget('a');
        same((await store.list()).length, all.length - 1);
        same((await store.read('a\0'))?.through, 1);
      });
    },
  },
  {
    name: '[LOC2] writes several documents at once, and one twice',
    run: ({ open }) =>
      using(open, async (store) => {
        const answers = await store.write([
          write({ updates: [bytes(1)] }),
          write({ document: 'b', updates: [bytes(2), bytes(3)] }),
          write({ updates: [bytes(4)], saved: [], unsaved: { tab: 't', edits: 1, sinceMs: 5 } }),
        ]);
        same(
          answers.map((answer) => written([answer]).through),
          [1, 2, 2],
        );
        same((await store.read('a'))?.updates, [bytes(1), bytes(4)]);
        same((await store.read('b'))?.updates, [bytes(2), bytes(3)]);
      }),
  },
  {
    name: '[LOC3] numbers entries upwards, and gives those behind a number',
    run: ({ open }) =>
      using(open, async (store) => {
        const { life } = written(await store.write([write({ updates: [bytes(1), bytes(2)] })]));
        const [next] = await Promise.all([
          store.write([write({ updates: [bytes(3)] })]),
          store.write([write({ life, updates: [bytes(4), bytes(5)] })]),
        ]);
        same(written(next).through, 3);
        const behind = async (through: number): Promise<unknown> =>
          (await store.read('a', { life, through }))?.updates;
        same(await behind(0), [bytes(1), bytes(2), bytes(3), bytes(4), bytes(5)]);
        same(await behind(3), [bytes(4), bytes(5)]);
        same(await behind(5), []);
        same((await store.read('a', { life, through: 4 }))?.tail, { entries: 5, bytes: 5 });
      }),
  },
  {
    name: '[LOC4] a snapshot takes the place of what it holds, and of nothing that others added behind it',
    run: ({ open }) =>
      using(open, async (store) => {
        const { life } = written(await store.write([write({ updates: [bytes(1), bytes(2), bytes(3, 3)] })]));
        const snapshot = { bytes: [bytes(9), bytes(8)], through: 2 };
        same(written(await store.write([write({ life, updates: [bytes(4)], snapshot })])).through, 4);
        const kept = (await store.read('a'))!;
        same(kept.updates, [bytes(9), bytes(8), bytes(3, 3), bytes(4)]);
        same([kept.tail, kept.through], [{ entries: 2, bytes: 3 }, 4]);
        same((await store.read('a', { life, through: 1 }))?.updates, kept.updates);
        same((await store.read('a', { life, through: 2 }))?.updates, [bytes(3, 3), bytes(4)]);
        same((await store.read('a', { life, through: 3 }))?.updates, [bytes(4)]);

        await store.write([write({ life, updates: [], snapshot: { bytes: [bytes(7)], through: 4 } })]);
        same((await store.read('a'))?.updates, [bytes(7)]);
        same((await store.read('a'))?.tail, { entries: 0, bytes: 0 });
        same(written(await store.write([write({ life, updates: [bytes(5)] })])).through, 5);
        same((await store.read('a', { life, through: 4 }))?.updates, [bytes(5)]);
      }),
  },
  {
    name: '[LOC4] an older snapshot is left out, and one that claims more than there is covers none that comes next',
    run: ({ open }) =>
      using(open, async (store) => {
        const { life } = written(await store.write([write({ updates: [bytes(1), bytes(2), bytes(3)] })]));
        await store.write([write({ life, updates: [], snapshot: { bytes: [bytes(9)], through: 3 } })]);
        const older = { bytes: [bytes(8)], through: 2 };
        same(written(await store.write([write({ life, updates: [bytes(4)], snapshot: older })])).through, 4);
        same((await store.read('a'))?.updates, [bytes(9), bytes(4)]);
        await store.write([
          write({ life, updates: [bytes(5)], snapshot: { bytes: [bytes(7)], through: 50 } }),
        ]);
        await store.write([write({ life, updates: [bytes(6)] })]);
        same((await store.read('a'))?.updates, [bytes(7), bytes(5), bytes(6)]);
        await store.write([write({ life, updates: [], snapshot: { bytes: [bytes(10)], through: 6 } })]);
        same((await store.read('a'))?.updates, [bytes(10)]);
      }),
  },
  {
    name: '[LOC4] a snapshot of whoever names no life takes the place of nothing',
    run: ({ open }) =>
      using(open, async (store) => {
        await store.write([write({ updates: [bytes(1)] })]);
        const snapshot = { bytes: [bytes(9), bytes(8)], through: 1 };
        await store.write([write({ updates: [bytes(2)], snapshot }), write({ document: 'b', snapshot })]);
        same((await store.read('a'))?.updates, [bytes(1), bytes(9), bytes(8), bytes(2)]);
        same((await store.read('b'))?.updates, [bytes(9), bytes(8)]);
      }),
  },
];
