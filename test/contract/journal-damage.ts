// The contract of a journal about damage: what is intact is told, and all that is stored of a document can be replaced at once.
import {
  CommitFailed,
  CorruptRow,
  type Journal,
  type Restoration,
  type Salvage,
} from '@syncline/server/port/journal.ts';
import type { DamagedRow } from '@syncline/server/store/stored-document.ts';
import { documentName } from '@syncline/shared';
import { expect, it } from 'vitest';
import { bury, bytes, fill, follow, name } from './journal-drafts.ts';

/** A journal, and a way to damage what it has stored. */
export interface Damageable {
  readonly journal: Journal;
  readonly damage: (row: DamagedRow) => void;
}

/** Declares the contract's tests. `open` gives an empty journal, which the test stops. */
export function damageContract(open: () => Promise<Damageable>): void {
  const inJournal = async (work: (damageable: Damageable) => Promise<void>): Promise<void> => {
    const damageable = await open();
    try {
      await work(damageable);
    } finally {
      await damageable.journal.stop();
    }
  };

  it('[JRN19] what is intact of a damaged document is salvaged, in the order in which it was stored', () =>
    inJournal(async ({ journal, damage }) => {
      const { document, sequences } = await compacted(journal);
      damage({ of: 'snapshot', place: 2 });
      damage({ of: 'log', place: sequences[4]! });
      await expect(journal.head(name)).rejects.toThrow(CorruptRow);
      const salvage = (await journal.salvage(name))!;
      expect(firstBytes(salvage)).toEqual([101, 103, 3, 5]);
      expect(salvage).toMatchObject({ document, sequence: sequences[5], incarnation: 1, damagedRows: 2 });
      expect(salvage).toMatchObject({ through: sequences[2], isDeleted: false, burials: [] });
      expect(salvage.entries.toSorted((a, b) => a - b)).toEqual(sequences.slice(3));
    }));

  it('[JRN19] a document without damage is salvaged whole, and one that never was is not there', () =>
    inJournal(async ({ journal }) => {
      await compacted(journal);
      const salvage = await journal.salvage(name);
      expect(firstBytes(salvage!)).toEqual([101, 102, 103, 3, 4, 5]);
      expect(salvage?.damagedRows).toBe(0);
      expect(await journal.salvage(documentName('never'))).toBeUndefined();
    }));

  it('[JRN20] a restoration takes the place of everything, at a new sequence from which all readers begin anew', () =>
    inJournal(async ({ journal, damage }) => {
      const { document, sequences } = await compacted(journal);
      await follow(journal, {}, documentName('other'));
      const last = journal.lastSequence;
      damage({ of: 'snapshot', place: 0 });
      damage({ of: 'log', place: sequences[5]! });
      const sequence = await journal.restore(restorationOf((await journal.salvage(name))!));
      expect(sequence).toBe(last + 1);
      expect(journal.lastSequence).toBe(sequence);
      const head = await journal.head(name);
      expect(head).toMatchObject({ document, sequence, incarnation: 1, tail: [] });
      expect(head?.snapshot).toMatchObject({ through: sequence, chunkCount: 2 });
      expect([...head!.digest]).toEqual(Array(16).fill(6));
      expect(await journal.log(document, sequences[5]!, 1_000)).toBe('compacted');
      const page = await journal.chunks(document, sequence, 0, 1_000);
      expect(page).toEqual({ chunks: [bytes(61), bytes(62)], isLast: true });
      expect((await journal.feed(last, 9)).listings).toMatchObject([{ name, sequence }]);
      const next = await follow(journal);
      expect(await journal.log(document, sequence, 1_000)).toMatchObject({
        entries: [{ sequence: next.sequence }],
        isLast: true,
      });
      expect((await journal.salvage(name))?.damagedRows).toBe(0);
    }));

  it('[JRN20] a restoration counts in the digest tree as any commit of what it leaves', () =>
    inJournal(async ({ journal, damage }) => {
      const root = async (): Promise<string> => {
        for (;;) {
          const found = await journal.sums('root');
          if (found) return found.sums.join();
          await new Promise(setImmediate);
        }
      };
      const { sequences } = await fill(journal, 2);
      await follow(journal, { fill: 6 });
      const wanted = await root();
      await follow(journal, { fill: 1 });
      damage({ of: 'log', place: sequences[0]! });
      expect(await root()).not.toBe(wanted);
      await journal.restore(restorationOf((await journal.salvage(name))!));
      expect(await root()).toBe(wanted);
    }));

  it('[JRN20] a burial that is damaged comes from elsewhere, and those that are intact stay', () =>
    inJournal(async ({ journal, damage }) => {
      await follow(journal);
      await bury(journal, { burial: bytes(11) });
      await follow(journal, { incarnation: 2 });
      await bury(journal, { incarnation: 2, burial: bytes(12) });
      damage({ of: 'burial', place: 2 });
      await expect(journal.head(name)).rejects.toThrow(CorruptRow);
      const salvage = (await journal.salvage(name))!;
      expect(salvage).toMatchObject({ isDeleted: true, damagedRows: 1 });
      expect(salvage.burials).toMatchObject([{ incarnation: 1 }]);
      const burials = [1, 2].map((incarnation) => ({ incarnation, version: bytes(20 + incarnation) }));
      await journal.restore({ ...restorationOf(salvage), snapshot: undefined, burials });
      const head = await journal.head(name);
      expect(head).toMatchObject({ isDeleted: true, incarnation: 2, snapshot: undefined });
      expect(head?.buried.map((version) => [...version])).toEqual([[11], [22]]);
      await follow(journal, { incarnation: 3 });
      expect(await journal.head(name)).toMatchObject({ incarnation: 3, isDeleted: false });
    }));

  it.each<[string, (journal: Journal, salvage: Salvage) => Promise<unknown>]>([
    ['added to', (journal) => follow(journal)],
    ['compacted', (journal, salvage) => journal.replace(snapshotOf(salvage))],
    ['deleted', (journal) => bury(journal)],
  ])('[JRN20] a restoration of a document that was %s meanwhile is refused', (_, meanwhile) =>
    inJournal(async ({ journal }) => {
      await compacted(journal);
      const salvage = (await journal.salvage(name))!;
      await meanwhile(journal, salvage);
      const head = await journal.head(name);
      await expect(journal.restore(restorationOf(salvage))).rejects.toThrow(CommitFailed);
      expect(await journal.head(name)).toEqual(head);
    }),
  );

  it('[JRN20] a snapshot that was begun before a restoration is refused', () =>
    inJournal(async ({ journal }) => {
      await compacted(journal);
      const salvage = (await journal.salvage(name))!;
      await journal.restore(restorationOf(salvage));
      const head = await journal.head(name);
      await expect(journal.replace(snapshotOf(salvage))).rejects.toThrow(CommitFailed);
      expect(await journal.head(name)).toEqual(head);
    }));
}

/** Six entries, of which the first three are in a snapshot of three chunks. */
async function compacted(journal: Journal): Promise<{ document: number; sequences: number[] }> {
  const { document, sequences } = await fill(journal, 6);
  const chunks = [bytes(101), bytes(102), bytes(103)];
  const content = { version: bytes(9), chunks, quarantined: [], digest: undefined };
  await journal.replace({ document, incarnation: 1, through: sequences[2]!, ...content });
  return { document, sequences };
}

function restorationOf(salvaged: Salvage): Restoration {
  const snapshot = { version: bytes(60), chunks: [bytes(61), bytes(62)] };
  return { salvaged, snapshot, digest: new Uint8Array(16).fill(6), quarantined: [], burials: [] };
}

/** What a compaction of the document as it was salvaged would put in place. */
function snapshotOf({ document, incarnation, sequence }: Salvage) {
  const content = { version: bytes(9), chunks: [bytes(1)], quarantined: [], digest: undefined };
  return { document, incarnation, through: sequence, ...content };
}

function firstBytes({ updates }: Salvage): number[] {
  return updates.map(([first]) => first!);
}
