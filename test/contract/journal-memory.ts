// The contract of a journal about what is remembered beside the documents: checkpoints that must not be ahead of them.
import { CommitFailed, type Journal } from '@syncline/server/port/journal.ts';
import { documentName } from '@syncline/shared';
import { expect, it } from 'vitest';
import { bytes, draft, type InJournal, name } from './journal-drafts.ts';

const [first, second] = [new Uint8Array(16).fill(1), new Uint8Array(16).fill(2)] as const;

export function memoryContract(inJournal: InJournal): void {
  it('[JRN15] a memory is kept under its key, replaced, and taken away by an empty one', () =>
    inJournal(async (journal) => {
      expect(await journal.memories()).toEqual([]);
      await Promise.all([
        journal.remember(first, () => bytes(1, 1)),
        journal.remember(second, () => bytes(2)),
      ]);
      expect(await memories(journal)).toEqual({ 1: [1, 1], 2: [2] });
      await journal.remember(first, () => bytes(3));
      await journal.remember(second, () => undefined);
      expect(await memories(journal)).toEqual({ 1: [3], 2: [2] });
      await journal.remember(first, () => bytes());
      expect(await memories(journal)).toEqual({ 2: [2] });
      expect(journal.lastSequence).toBe(0);
    }));

  it('[JRN15] the value is taken after the drafts of its commit, and there when they are', () =>
    inJournal(async (journal) => {
      const drawn: string[] = [];
      const draw = (what: string) => {
        drawn.push(what);
        return draft({});
      };
      const remembered = journal.remember(first, () => bytes(drawn.push('memory')));
      const appended = ['a', 'b'].map((each) => journal.append(documentName(each), () => draw(each)));
      await remembered;
      expect(drawn).toEqual(['a', 'b', 'memory']);
      expect(await memories(journal)).toEqual({ 1: [3] });
      expect((await Promise.all(appended)).map(({ sequence }) => sequence)).toEqual([1, 2]);
    }));

  it('[JRN15] a commit that fails remembers nothing', () =>
    inJournal(async (journal) => {
      await journal.remember(first, () => bytes(1));
      const outcomes = await Promise.allSettled([
        journal.append(name, () => draft({ previous: 5 })),
        journal.remember(first, () => bytes(2)),
      ]);
      for (const outcome of outcomes) expect(outcome).toMatchObject({ reason: expect.any(CommitFailed) });
      expect(await memories(journal)).toEqual({ 1: [1] });
      await journal.remember(first, () => bytes(3));
      expect(await memories(journal)).toEqual({ 1: [3] });
    }));
}

async function memories(journal: Journal): Promise<Record<string, number[]>> {
  const all = await journal.memories();
  return Object.fromEntries(all.map(({ key, value }) => [key[0], [...value]]));
}
