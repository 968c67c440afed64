// The contract of every journal, run on each adapter: what was acknowledged can be read back, in order, and nothing else.
import { documentName } from '@syncline/shared';
import { expect, it } from 'vitest';
import { CommitFailed, type Journal, type Sequence } from '@syncline/server/port/journal.ts';
import { deletionContract } from './journal-deletion.ts';
import { bury, bytes, draft, type DraftParts, fill, follow, name, within } from './journal-drafts.ts';
import { listingContract } from './journal-listing.ts';
import { memoryContract } from './journal-memory.ts';
import { treeContract } from './journal-tree.ts';

/** Declares the contract's tests. `open` gives an empty journal, which the test stops. */
export function journalContract(open: () => Promise<Journal>): void {
  const inJournal = within(open);
  deletionContract(inJournal);
  listingContract(inJournal);
  memoryContract(inJournal);
  treeContract(inJournal);

  it('[JRN1] reads back what was appended, in order, byte for byte', () =>
    inJournal(async (journal) => {
      expect(await journal.head(name)).toBeUndefined();
      const first = await journal.append(name, () => draft({ updates: [bytes(1, 2), bytes(3)] }));
      const second = await journal.append(name, () =>
        draft({
          document: first.document,
          previous: first.sequence,
          updates: [bytes(...Array(300).keys())],
          fill: 2,
        }),
      );
      const head = await journal.head(name);
      expect(head?.sequence).toBe(second.sequence);
      expect([...head!.digest]).toEqual(Array(16).fill(2));
      expect(head?.tail.map(({ sequence }) => sequence)).toEqual([first.sequence, second.sequence]);
      expect(head?.tail.flatMap(({ updates }) => updates.map((update) => [...update]))).toEqual([
        [1, 2],
        [3],
        [...bytes(...Array(300).keys())],
      ]);
    }));

  it('[JRN2] numbers entries over all documents in the order of the appends', () =>
    inJournal(async (journal) => {
      const names = ['a', 'b', 'c', 'd'].map(documentName);
      const committed = await Promise.all(names.map((each) => journal.append(each, () => draft({}))));
      expect(committed.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4]);
      expect(new Set(committed.map(({ document }) => document)).size).toBe(4);
    }));

  it('[JRN3] draws the draft up when its commit begins, not when it is asked for', () =>
    inJournal(async (journal) => {
      const gathered = [bytes(1)];
      const appended = journal.append(name, () => draft({ updates: gathered }));
      gathered.push(bytes(2));
      await appended;
      expect((await journal.head(name))?.tail[0]?.updates).toHaveLength(2);
    }));

  it('[JRN4] gives the log after a position in pages', () =>
    inJournal(async (journal) => {
      const { document, sequences } = await fill(journal, 10);
      const page = await journal.log(document, sequences[2]!, 25);
      if (page === 'compacted') throw new Error('nothing was compacted');
      expect(page.entries.map(({ sequence }) => sequence)).toEqual(sequences.slice(3, 6));
      expect(page.isLast).toBe(false);
      const rest = await journal.log(document, sequences[5]!, 1_000);
      expect(rest).toMatchObject({ isLast: true });
      expect(await journal.log(document, sequences[9]!, 1_000)).toEqual({ entries: [], isLast: true });
    }));

  it('[JRN5] a snapshot replaces the entries it holds, and none that came after', () =>
    inJournal(async (journal) => {
      const { document, sequences } = await fill(journal, 6);
      const chunks = [bytes(1, 1), bytes(2, 2), bytes(3, 3)];
      await journal.replace({
        document,
        incarnation: 1,
        through: sequences[3]!,
        version: bytes(9),
        chunks,
        quarantined: [],
        digest: undefined,
      });
      const head = await journal.head(name);
      expect(head?.sequence).toBe(sequences[5]);
      expect(head?.snapshot).toMatchObject({ through: sequences[3], chunkCount: 3, bytes: 6 });
      expect([...head!.snapshot!.version]).toEqual([9]);
      expect(head?.tail.map(({ sequence }) => sequence)).toEqual(sequences.slice(4));
      expect(await journal.log(document, sequences[1]!, 1_000)).toBe('compacted');
      expect(await journal.log(document, sequences[3]!, 1_000)).toMatchObject({ isLast: true });
    }));

  it('[JRN17] a snapshot that changes the digest gives the document a new sequence, and an entry without updates', () =>
    inJournal(async (journal) => {
      const { document, sequences } = await fill(journal, 2);
      const content = { through: sequences[1]!, version: bytes(9), chunks: [bytes(1)] };
      const replacement = { document, incarnation: 1, ...content, quarantined: [bytes(4)] };
      expect(await journal.replace({ ...replacement, digest: undefined })).toBeUndefined();
      const sequence = await journal.replace({ ...replacement, digest: new Uint8Array(16).fill(5) });
      expect(sequence).toBe(sequences[1]! + 1);
      expect(journal.lastSequence).toBe(sequence);
      const head = await journal.head(name);
      expect([head?.sequence, head?.digest[0], head?.tail]).toEqual([
        sequence,
        5,
        [{ sequence, updates: [] }],
      ]);
      expect((await journal.feed(sequences[1]!, 9)).listings.map((listing) => listing.name)).toEqual([name]);
      const next = await journal.append(name, () => draft({ document, previous: sequence! }));
      expect(next.sequence).toBe(sequence! + 1);
      const page = await journal.log(document, sequences[1]!, 1_000);
      expect(page).toMatchObject({ entries: [{ sequence }, { sequence: next.sequence }], isLast: true });
    }));

  it('[JRN6] gives chunks from an index on, and says when there is another snapshot', () =>
    inJournal(async (journal) => {
      const { document, sequences } = await fill(journal, 2);
      const chunks = [bytes(1, 1), bytes(2, 2), bytes(3, 3)];
      const content = { version: bytes(9), chunks, quarantined: [], digest: undefined };
      const replacement = { document, incarnation: 1, ...content };
      await journal.replace({ ...replacement, through: sequences[0]! });
      const page = await journal.chunks(document, sequences[0]!, 0, 3);
      expect(page).toMatchObject({ isLast: false });
      const rest = await journal.chunks(document, sequences[0]!, 2, 1_000);
      if (rest === 'replaced') throw new Error('it was not replaced yet');
      expect(rest.chunks.map((chunk) => [...chunk])).toEqual([[3, 3]]);
      await journal.replace({ ...replacement, through: sequences[1]! });
      expect(await journal.chunks(document, sequences[0]!, 0, 1_000)).toBe('replaced');
    }));

  it('[JRN7] remembers a costly document', () =>
    inJournal(async (journal) => {
      const { document } = await fill(journal, 1);
      expect((await journal.head(name))?.isCostly).toBe(false);
      await journal.markCostly(document);
      expect((await journal.head(name))?.isCostly).toBe(true);
    }));

  it('[JRN10] has everything up to its head in its lineage, and nothing of another epoch', () =>
    inJournal(async (journal) => {
      expect(journal.isInLineage(journal.epoch, 0)).toBe(true);
      expect(journal.isInLineage(journal.epoch, 1)).toBe(false);
      const { sequences } = await fill(journal, 3);
      for (const sequence of sequences) expect(journal.isInLineage(journal.epoch, sequence)).toBe(true);
      expect(journal.isInLineage(journal.epoch, sequences[2]! + 1)).toBe(false);
      const other = journal.epoch.map((byte) => byte ^ 1);
      for (const epoch of [other, new Uint8Array(0), journal.epoch.subarray(1)])
        expect(journal.isInLineage(epoch, 0)).toBe(false);
    }));

  it('[JRN16] begins another epoch when it is told to, and of the one before nothing is sure since it began', () =>
    inJournal(async (journal) => {
      const { document, sequences } = await fill(journal, 2);
      const first = journal.epoch;
      const second = await journal.beginEpoch();
      expect([...journal.epoch]).toEqual([...second]);
      expect([...second]).not.toEqual([...first]);
      expect(journal.isInLineage(first, sequences[1]!)).toBe(false);
      expect(journal.isInLineage(first, 0)).toBe(true);
      const next = await journal.append(name, () => draft({ document, previous: sequences[1]! }));
      expect(journal.isInLineage(first, next.sequence)).toBe(false);
      expect(journal.isInLineage(second, next.sequence)).toBe(true);
      expect(journal.lastSequence).toBe(next.sequence);
    }));

  it.each<[string, (document: number, sequences: readonly Sequence[]) => DraftParts]>([
    ['the entry before last', (document, sequences) => ({ document, previous: sequences[0]! })],
    ['an entry that is not there', (document, sequences) => ({ document, previous: sequences[1]! + 1 })],
    [
      'a document that is not there',
      (document, sequences) => ({ document: document + 1, previous: sequences[1]! }),
    ],
    ['nothing, although there is a document', () => ({})],
    ['an entry of no document', (_, sequences) => ({ previous: sequences[1]! })],
  ])('[JRN9] refuses a draft that follows %s', (_, parts) =>
    inJournal(async (journal) => {
      const { document, sequences } = await fill(journal, 2);
      const refused = journal.append(name, () => draft(parts(document, sequences)));
      await expect(refused).rejects.toThrow(CommitFailed);
      expect((await journal.head(name))?.tail.map(({ sequence }) => sequence)).toEqual(sequences);
      const next = await journal.append(name, () => draft({ document, previous: sequences[1]! }));
      expect(next).toEqual({ document, sequence: sequences[1]! + 1 });
    }),
  );

  it('[JRN9] refuses a draft for another document than the one that has the name', () =>
    inJournal(async (journal) => {
      const { document, sequences } = await fill(journal, 1);
      const refused = journal.append(documentName('notes/2'), () =>
        draft({ document, previous: sequences[0]! }),
      );
      await expect(refused).rejects.toThrow(CommitFailed);
      expect((await journal.head(name))?.sequence).toBe(sequences[0]);
    }));
}

/** Declares the tests of a journal that outlives its process. `open` gives the one of a place, which the test stops. */
export function durableJournalContract(
  open: (place: string) => Promise<Journal>,
  newPlace: () => { path: string } & Disposable,
): void {
  it('[JRN10] keeps its name, and every opening is an epoch of its own', async () => {
    using place = newPlace();
    const openings: [replica: string, epoch: string][] = [];
    for (let opening = 0; opening < 3; opening++) {
      const journal = await open(place.path);
      openings.push([journal.replica.join(), journal.epoch.join()]);
      expect([journal.replica.length, journal.epoch.length]).toEqual([16, 8]);
      await journal.stop();
    }
    expect(new Set(openings.map(([replica]) => replica)).size).toBe(1);
    expect(new Set(openings.map(([, epoch]) => epoch)).size).toBe(3);
  });

  it('[JRN10] has of an earlier epoch what the next one found, and nothing beyond', async () => {
    using place = newPlace();
    const first = await open(place.path);
    const { document, sequences } = await fill(first, 3);
    await first.stop();
    const second = await open(place.path);
    expect(second.isInLineage(first.epoch, sequences[2]!)).toBe(true);
    await second.append(name, () => draft({ document, previous: sequences[2]! }));
    // That sequence is another epoch's: in this one it names nothing that is here.
    expect(second.isInLineage(first.epoch, sequences[2]! + 1)).toBe(false);
    expect(second.isInLineage(second.epoch, sequences[2]! + 1)).toBe(true);
    await second.stop();
    const third = await open(place.path);
    expect(third.isInLineage(first.epoch, sequences[2]!)).toBe(true);
    expect(third.isInLineage(first.epoch, sequences[2]! + 1)).toBe(false);
    expect(third.isInLineage(second.epoch, sequences[2]! + 1)).toBe(true);
    expect(third.isInLineage(second.epoch, sequences[2]! + 2)).toBe(false);
    await third.stop();
  });

  it('[JRN16] keeps an epoch that began in mid-run', async () => {
    using place = newPlace();
    const first = await open(place.path);
    const { sequences } = await fill(first, 1);
    const before = first.epoch;
    await first.beginEpoch();
    const { sequence } = await follow(first);
    const { epoch } = first;
    await first.stop();
    const second = await open(place.path);
    expect(second.isInLineage(before, 0)).toBe(true);
    expect(second.isInLineage(before, sequences[0]!)).toBe(false);
    expect(second.isInLineage(epoch, sequence)).toBe(true);
    expect([...second.epoch]).not.toEqual([...epoch]);
    await second.stop();
  });

  it('[JRN11] keeps deletions and memories', async () => {
    using place = newPlace();
    const first = await open(place.path);
    await fill(first, 2);
    await bury(first, { burial: bytes(6) });
    await first.remember(new Uint8Array(16), () => bytes(5));
    await follow(first, { incarnation: 2, fill: 4 });
    const head = await first.head(name);
    const { listings } = await first.feed(0, 9);
    await first.stop();
    const second = await open(place.path);
    expect(await second.head(name)).toEqual(head);
    expect((await second.feed(0, 9)).listings).toEqual(listings);
    expect((await second.memories()).map(({ value }) => [...value])).toEqual([[5]]);
    expect(second.lastSequence).toBe(head?.sequence);
    await second.stop();
  });

  it('[JRN10] has of an epoch without a commit what it found', async () => {
    using place = newPlace();
    const epochs: Uint8Array[] = [];
    for (let opening = 0; opening < 3; opening++) {
      const journal = await open(place.path);
      epochs.push(journal.epoch);
      for (const epoch of epochs) {
        expect([opening, journal.isInLineage(epoch, 0)]).toEqual([opening, true]);
        expect([opening, journal.isInLineage(epoch, 1)]).toEqual([opening, false]);
      }
      await journal.stop();
    }
  });
}
