// Damaged rows in a real file: what is salvaged past them, and what becomes of them when they are replaced.
import {
  CommitFailed,
  type Committed,
  CorruptRow,
  type Restoration,
  type Salvage,
} from '@syncline/server/port/journal.ts';
import { SqliteJournal } from '@syncline/server/store/sqlite.ts';
import { documentName } from '@syncline/shared';
import { expect, it } from 'vitest';
import { bury, bytes, fill, follow, name } from '../contract/journal-drafts.ts';
import { damageRow, execute, rowsOf } from '../support/damage.ts';
import { temporaryFolder } from '../support/server.ts';

const other = documentName('notes/2');

it('[JRN19] entries are salvaged however many between them are damaged or gone', async () => {
  using folder = temporaryFolder();
  await using journal = await open(folder.path);
  const { sequences } = await fill(journal, 9);
  await follow(journal, {}, other);
  for (const at of [7, 4, 3]) damageRow(folder.path, name, { of: 'log', place: sequences[at]! });
  execute(folder.path, `DELETE FROM log WHERE sequence = ${sequences[2]}`);
  const salvage = (await journal.salvage(name))!;
  expect(firstBytes(salvage)).toEqual([0, 1, 5, 6, 8]);
  await journal.restore(restorationOf(salvage));
  expect(rowsOf(folder.path, name)['log']).toEqual([]);
  expect(await journal.head(other)).toMatchObject({ tail: [{ sequence: 10 }] });
});

it('[SCR3] rows that are damaged are set aside as they are, when they are replaced and not before', async () => {
  using folder = temporaryFolder();
  await using journal = await open(folder.path);
  const { document, sequences } = await fill(journal, 6);
  const content = {
    version: bytes(9),
    chunks: [bytes(1, 1), bytes(2, 2)],
    quarantined: [],
    digest: undefined,
  };
  await journal.replace({ document, incarnation: 1, through: sequences[2]!, ...content });
  const places = [
    { of: 'log', place: sequences[4]! },
    { of: 'log', place: sequences[5]! },
    { of: 'snapshot', place: 0 },
    { of: 'snapshot', place: 2 },
  ] as const;
  const damaged = places.map((place) => damageRow(folder.path, name, place));
  const salvage = (await journal.salvage(name))!;
  expect(rowsOf(folder.path, name)['damaged']).toEqual([]);
  await journal.restore(restorationOf(salvage));
  const aside = rowsOf(folder.path, name)['damaged'] as {
    origin: string;
    place: number;
    data: Buffer;
    numbers: string;
  }[];
  expect(aside.map(({ origin, place, data }) => [origin, place, data])).toEqual(
    places.map(({ of, place }, at) => [of, place, damaged[at]]),
  );
  expect(JSON.parse(aside[0]!.numbers)).toMatchObject({
    document,
    sequence: sequences[4],
    previous: sequences[3],
  });
  // What was deleted is nowhere.
  await bury(journal);
  expect(rowsOf(folder.path, name)['damaged']).toEqual([]);
});

it.each([
  ['an entry is taken away', 'BEFORE DELETE ON log'],
  ['the snapshot is taken away', 'BEFORE DELETE ON snapshot'],
  ['a row is set aside', 'BEFORE INSERT ON damaged'],
  ['the last chunk is put', 'BEFORE INSERT ON snapshot WHEN NEW.part = 2'],
  ['the document is moved on', 'BEFORE UPDATE ON document'],
])('[SCR3] a repair that fails when %s leaves everything as it was', async (_, when) => {
  using folder = temporaryFolder();
  await using journal = await open(folder.path);
  const { document, sequences } = await fill(journal, 6);
  const content = { version: bytes(9), chunks: [bytes(1), bytes(2)], quarantined: [], digest: undefined };
  await journal.replace({ document, incarnation: 1, through: sequences[2]!, ...content });
  damageRow(folder.path, name, { of: 'log', place: sequences[4]! });
  const before = rowsOf(folder.path, name);
  const restoration = restorationOf((await journal.salvage(name))!);
  execute(folder.path, `CREATE TRIGGER refusal ${when} BEGIN SELECT RAISE(ABORT, 'injected'); END`);
  await expect(journal.restore(restoration)).rejects.toThrow(CommitFailed);
  expect(rowsOf(folder.path, name)).toEqual(before);
  await expect(journal.head(name)).rejects.toThrow(CorruptRow);
  execute(folder.path, 'DROP TRIGGER refusal');
  const sequence = await journal.restore(restoration);
  expect(await journal.head(name)).toMatchObject({ sequence, tail: [] });
});

it('[SCR6] entries that a deletion could not find for damage do not come back with the next life', async () => {
  using folder = temporaryFolder();
  await using journal = await open(folder.path);
  const { sequences } = await fill(journal, 4);
  // The deletion does not get past this one: what comes before it stays in the log, of no use to anybody.
  execute(folder.path, `DELETE FROM log WHERE sequence = ${sequences[2]}`);
  const standing = { document: 1, previous: sequences[3]!, incarnation: 1 };
  await append(journal, { ...standing, updates: [], burial: bytes(8) });
  const buried = journal.lastSequence;
  await follow(journal, { incarnation: 2, updates: [bytes(50)] });
  const { sequence } = await follow(journal, { updates: [bytes(51)] });
  await follow(journal, { updates: [bytes(52)] });
  expect((rowsOf(folder.path, name)['log'] as unknown[]).length).toBe(6);
  damageRow(folder.path, name, { of: 'log', place: sequence });
  expect(firstBytes((await journal.salvage(name))!)).toEqual([50, 52]);
  // Without the entry with which this life began nobody can tell the two apart.
  execute(folder.path, `DELETE FROM log WHERE sequence = ${buried}`);
  expect(firstBytes((await journal.salvage(name))!)).toEqual([52]);
});

it('[SCR5] nothing is salvaged of a document whose own row is damaged', async () => {
  using folder = temporaryFolder();
  await using journal = await open(folder.path);
  await fill(journal, 2);
  execute(folder.path, 'UPDATE document SET digest = zeroblob(16)');
  await expect(journal.salvage(name)).rejects.toThrow(CorruptRow);
});

async function append(journal: SqliteJournal, parts: Parameters<typeof follow>[1]): Promise<Committed> {
  const digest = new Uint8Array(16);
  return journal.append(name, () => ({
    engine: 'yjs',
    digest,
    document: 1,
    previous: 0,
    updates: [],
    incarnation: 1,
    ...parts,
  }));
}

function restorationOf(salvaged: Salvage): Restoration {
  const snapshot = { version: bytes(60), chunks: [bytes(61), bytes(62)] };
  return { salvaged, snapshot, digest: new Uint8Array(16).fill(6), quarantined: [], burials: [] };
}

function firstBytes({ updates }: Salvage): number[] {
  return updates.map(([first]) => first!);
}

async function open(folder: string): Promise<SqliteJournal & AsyncDisposable> {
  const onFatal = (error: Error): never => {
    throw error;
  };
  const journal = await SqliteJournal.open({ folder, durability: 'full', onFatal, onCommit: () => {} });
  return Object.assign(journal, { [Symbol.asyncDispose]: () => journal.stop() });
}
