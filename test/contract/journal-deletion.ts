// The contract of a journal about deletions: what goes, what stays, and what may come after.
import { CommitFailed } from '@syncline/server/port/journal.ts';
import { documentName } from '@syncline/shared';
import { expect, it } from 'vitest';
import { bury, bytes, draft, type DraftParts, fill, follow, type InJournal, name } from './journal-drafts.ts';

export function deletionContract(inJournal: InJournal): void {
  it('[JRN11] a deletion takes log, snapshot and mark away, and keeps what was held', () =>
    inJournal(async (journal) => {
      const { document, sequences } = await fill(journal, 4);
      const snapshot = { through: sequences[1]!, version: bytes(9), chunks: [bytes(1, 1)] };
      await journal.replace({
        document,
        incarnation: 1,
        ...snapshot,
        quarantined: [bytes(5)],
        digest: undefined,
      });
      await journal.markCostly(document);
      const { sequence } = await bury(journal, { burial: bytes(6, 6) });
      expect(sequence).toBe(sequences[3]! + 1);
      const head = await journal.head(name);
      expect(head).toMatchObject({ document, sequence, incarnation: 1, isDeleted: true, isCostly: false });
      expect(head?.snapshot).toBeUndefined();
      expect(head?.tail).toEqual([{ sequence, updates: [] }]);
      expect(head?.buried.map((burial) => [...burial])).toEqual([[6, 6]]);
      expect(await journal.log(document, 0, 1_000)).toMatchObject({ entries: [{ sequence }], isLast: true });
      expect(await journal.chunks(document, sequences[1]!, 0, 1_000)).toBe('replaced');
    }));

  it('[JRN11] a deletion that fails leaves the document as it was', () =>
    inJournal(async (journal) => {
      const { sequences } = await fill(journal, 3);
      const before = await journal.head(name);
      const burial = { document: before?.document, previous: sequences[2]!, updates: [], burial: bytes(8) };
      const outcomes = await Promise.allSettled([
        journal.append(name, () => draft(burial)),
        journal.append(documentName('notes/2'), () => draft({ previous: 5 })),
      ]);
      expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
      expect(await journal.head(name)).toEqual(before);
    }));

  it('[JRN12] a deleted document begins anew one incarnation later, with or without content', () =>
    inJournal(async (journal) => {
      const { document } = await fill(journal, 2);
      for (const incarnation of [2, 3]) {
        const buried = await bury(journal, { burial: bytes(incarnation) });
        const updates = incarnation === 2 ? [] : [bytes(3)];
        const { sequence } = await follow(journal, { incarnation, updates });
        const head = await journal.head(name);
        expect(head).toMatchObject({ document, sequence, incarnation, isDeleted: false });
        expect(head?.tail.map((entry) => entry.sequence)).toEqual([buried.sequence, sequence]);
        expect(head?.tail[1]?.updates.length).toBe(updates.length);
      }
      expect((await journal.head(name))?.buried.map((burial) => [...burial])).toEqual([[2], [3]]);
      expect((await follow(journal)).document).toBe(document);
    }));

  it('[JRN12] a deletion may be of a later incarnation than is here, or of a name that is not here', () =>
    inJournal(async (journal) => {
      await fill(journal, 1);
      await bury(journal, { incarnation: 4, burial: bytes(4) });
      expect(await journal.head(name)).toMatchObject({ incarnation: 4, isDeleted: true });
      await bury(journal, { incarnation: 4, burial: bytes(4, 4) });
      await bury(journal, { incarnation: 6, burial: bytes(6) });
      const head = await journal.head(name);
      expect(head?.buried.map((burial) => [...burial])).toEqual([[4, 4], [6]]);
      expect(head?.tail).toEqual([{ sequence: head?.sequence, updates: [] }]);
      const other = documentName('notes/2');
      await bury(journal, { incarnation: 3 }, other);
      expect(await journal.head(other)).toMatchObject({ incarnation: 3, isDeleted: true });
      await follow(journal, { incarnation: 4 }, other);
      expect(await journal.head(other)).toMatchObject({ incarnation: 4, isDeleted: false });
    }));

  it.each<[string, 'nothing' | 'live' | 'deleted', DraftParts]>([
    ['a first incarnation that is not 1', 'nothing', { incarnation: 2 }],
    ['the next incarnation of a document that is not deleted', 'live', { incarnation: 3 }],
    ['an earlier incarnation of a document', 'live', { incarnation: 1 }],
    ['a deletion of an earlier incarnation', 'live', { incarnation: 1, burial: bytes(1) }],
    ['more of a deleted document', 'deleted', { incarnation: 2 }],
    ['an incarnation further than the next', 'deleted', { incarnation: 4 }],
    [
      'a deletion of an earlier incarnation than the deleted one',
      'deleted',
      { incarnation: 1, burial: bytes(1) },
    ],
    ['the next incarnation, on another entry than the last', 'deleted', { incarnation: 3, previous: 1 }],
    ['a deletion on another entry than the last', 'live', { incarnation: 2, previous: 1, burial: bytes(1) }],
  ])('[JRN12] refuses %s', (_, state, parts) =>
    inJournal(async (journal) => {
      if (state !== 'nothing') {
        await fill(journal, 1);
        await bury(journal);
        await follow(journal, { incarnation: 2 });
        if (state === 'deleted') await bury(journal);
      }
      const before = await journal.head(name);
      await expect(follow(journal, parts)).rejects.toThrow(CommitFailed);
      expect(await journal.head(name)).toEqual(before);
      expect(journal.lastSequence).toBe(before?.sequence ?? 0);
    }),
  );

  it('[JRN18] a snapshot of an incarnation that has ended is refused, and no mark stays', () =>
    inJournal(async (journal) => {
      const { document, sequences } = await fill(journal, 2);
      const content = { through: sequences[1]!, version: bytes(9), chunks: [bytes(1)], quarantined: [] };
      const replacement = { document, incarnation: 1, ...content, digest: undefined };
      await bury(journal);
      await expect(journal.replace(replacement)).rejects.toThrow(CommitFailed);
      await journal.markCostly(document);
      await follow(journal, { incarnation: 2 });
      await expect(journal.replace(replacement)).rejects.toThrow(CommitFailed);
      expect(await journal.head(name)).toMatchObject({ snapshot: undefined, isCostly: false });
    }));
}
