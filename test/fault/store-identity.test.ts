// What a file says of itself, and what may be changed of that while nobody works with it.
import { checksum } from '@syncline/server/store/row.ts';
import { migrations } from '@syncline/server/store/schema.ts';
import { databasePath, openStore, StoreRefused } from '@syncline/server/store/open.ts';
import { Reader } from '@syncline/server/store/reader.ts';
import { reidentify } from '@syncline/server/store/reidentify.ts';
import { SqliteJournal } from '@syncline/server/store/sqlite.ts';
import { CommitFailed, CorruptRow } from '@syncline/server/port/journal.ts';
import { leafOf } from '@syncline/server/digest/tree.ts';
import { documentName } from '@syncline/shared';
import Database from 'better-sqlite3';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { bury, bytes, fill, follow, name } from '../contract/journal-drafts.ts';
import { execute } from '../support/damage.ts';
import { temporaryFolder } from '../support/server.ts';
import { until } from '../support/until.ts';

const names = Array.from({ length: 30 }, (_, index) => documentName(`notes/${index}`));
const key = new Uint8Array(16).fill(9);

it('[STO6] a file of an earlier schema is migrated: its rows stay valid, and every document gets its leaf', async () => {
  using folder = temporaryFolder();
  createEarlier(folder.path);
  const journal = await open(folder.path);
  for (const [index, each] of names.entries()) {
    const head = await journal.head(each);
    const whole = { document: index + 1, sequence: index + 1, incarnation: 1, isDeleted: false, buried: [] };
    expect(head).toMatchObject(whole);
    const { listings } = await journal.leaf(leafOf(each), '', 9);
    expect(listings.map((listing) => listing.name)).toContain(each);
  }
  await follow(journal, {}, names[4]);
  await bury(journal, {}, names[5]);
  expect(await journal.head(names[5]!)).toMatchObject({ isDeleted: true });
  await journal.stop();
});

it('[STO6] a reader of a file that was not migrated yet says so', async () => {
  using folder = temporaryFolder();
  createEarlier(folder.path);
  expect(() => new Reader(databasePath(folder.path))).toThrow(StoreRefused);
  await (await open(folder.path)).stop();
  const reader = new Reader(databasePath(folder.path));
  expect(reader.head(names[0]!)).toMatchObject({ document: 1 });
  reader.close();
});

it('[JRN11] a deletion leaves no row of the content', async () => {
  using folder = temporaryFolder();
  const journal = await open(folder.path);
  const { document, sequences } = await fill(journal, 5);
  const content = { version: bytes(1), chunks: [bytes(2)], quarantined: [bytes(3)], digest: undefined };
  await journal.replace({ document, incarnation: 1, through: sequences[2]!, ...content });
  await journal.markCostly(document);
  await follow(journal, {}, names[0]);
  const tables = ['log', 'snapshot', 'quarantine', 'costly', 'burial'];
  const count = (): number[] => {
    const database = new Database(databasePath(folder.path), { readonly: true });
    const counts = tables.map((table) =>
      database
        .prepare<[number], number>(`SELECT count(*) FROM ${table} WHERE document = ?`)
        .pluck()
        .get(document),
    );
    database.close();
    return counts.map(Number);
  };
  expect(count()).toEqual([2, 2, 1, 1, 0]);
  await bury(journal);
  expect(count()).toEqual([1, 0, 0, 0, 1]);
  await journal.stop();
});

describe('the digest key', () => {
  it('[STO7] is the one that is given when the file is new, and stays', async () => {
    using folder = temporaryFolder();
    const first = await open(folder.path, key);
    expect([...first.digestKey]).toEqual([...key]);
    await first.stop();
    for (const given of [undefined, new Uint8Array(16)]) {
      const again = await open(folder.path, given);
      expect([...again.digestKey]).toEqual([...key]);
      await again.stop();
    }
  });

  it('[STO7] is replaced with all digests at once; sequences stay, and the tree is that of the new key', async () => {
    using folder = temporaryFolder();
    const journal = await open(folder.path);
    for (const each of names) await follow(journal, {}, each);
    await bury(journal, {}, names[0]);
    await sumsOf(journal);
    const before = await journal.feed(0, 99);
    const documents = names.slice(1).map((_, index) => index + 2);
    await journal.rekey(
      key,
      documents.map((document) => ({ document, digest: new Uint8Array(16).fill(document) })),
    );
    expect([...journal.digestKey]).toEqual([...key]);
    const after = await journal.feed(0, 99);
    expect(after.listings.map(({ sequence }) => sequence)).toEqual(
      before.listings.map(({ sequence }) => sequence),
    );
    const [third] = await journal.listings([names[2]!]);
    expect([...third!.digest]).toEqual(Array(16).fill(3));
    const root = await sumsOf(journal);
    await journal.stop();
    const again = await open(folder.path);
    expect([...again.digestKey]).toEqual([...key]);
    expect(await again.feed(0, 99)).toEqual(after);
    expect(await sumsOf(again)).toEqual(root);
    await again.stop();
  });

  it.each<[string, (documents: { document: number; digest: Uint8Array }[]) => void]>([
    ['leaves a document out', (documents) => documents.pop()],
    ['names one that is not there', (documents) => documents.push({ document: 99, digest: key })],
  ])('[STO7] stays with all digests when what is to replace it %s', async (_, spoil) => {
    using folder = temporaryFolder();
    const journal = await open(folder.path);
    for (const each of names) await follow(journal, {}, each);
    const [before, keyBefore] = [await journal.feed(0, 99), journal.digestKey];
    const digests = names.map((__, index) => ({ document: index + 1, digest: new Uint8Array(16).fill(5) }));
    spoil(digests);
    await expect(journal.rekey(key, digests)).rejects.toThrow(CommitFailed);
    expect(journal.digestKey).toEqual(keyBefore);
    expect(await journal.feed(0, 99)).toEqual(before);
    await journal.stop();
  });
});

describe('a copy of a folder', () => {
  it('[STO8] becomes a replica of its own, with its documents and without epochs and memories', async () => {
    using folder = temporaryFolder();
    using parent = temporaryFolder();
    const original = await open(folder.path);
    await fill(original, 3);
    await original.remember(new Uint8Array(16), () => bytes(1));
    const [{ replica, epoch, digestKey }, head] = [original, await original.head(name)];
    await original.stop();
    const path = join(parent.path, 'copy');
    cpSync(folder.path, path, { recursive: true });
    const id = reidentify(path);
    const copy = await open(path);
    expect(Buffer.from(copy.replica).toString('hex')).toBe(id);
    expect([...copy.replica]).not.toEqual([...replica]);
    expect(copy.digestKey).toEqual(digestKey);
    expect(copy.isInLineage(epoch, 0)).toBe(false);
    expect(copy.isInLineage(copy.epoch, 3)).toBe(true);
    expect(await copy.memories()).toEqual([]);
    expect(await copy.head(name)).toEqual(head);
    await copy.stop();
    const again = await open(folder.path);
    expect(again.replica).toEqual(replica);
    expect((await again.memories()).length).toBe(1);
    await again.stop();
  });

  it('[STO8] is left alone while a process works with it, and where there is none', async () => {
    using folder = temporaryFolder();
    const journal = await open(folder.path);
    expect(() => reidentify(folder.path)).toThrow('in use by another Syncline process');
    expect(() => reidentify(folder.path)).toThrow(StoreRefused);
    await journal.stop();
    using empty = temporaryFolder();
    expect(() => reidentify(join(empty.path, 'nothing'))).toThrow(StoreRefused);
  });
});

describe('a row that was damaged', () => {
  const head = async (journal: SqliteJournal): Promise<unknown> => journal.head(name);
  const remembered = async (journal: SqliteJournal): Promise<unknown> => journal.memories();
  it.each<[string, string, ((journal: SqliteJournal) => Promise<unknown>)[]]>([
    ['a digest', 'UPDATE document SET digest = zeroblob(16)', [head]],
    ['an incarnation', 'UPDATE document SET incarnation = 3', [head]],
    ['a deletion', 'UPDATE document SET is_deleted = 0', [head]],
    ['a burial', 'UPDATE burial SET version = zeroblob(1)', [head]],
    ['the incarnation of a burial', 'UPDATE burial SET incarnation = 3', [head]],
    ['a memory', 'UPDATE memory SET value = zeroblob(1)', [remembered]],
    ['the key of a memory', 'UPDATE memory SET key = zeroblob(16)', [remembered]],
  ])('[JRN8] with %s changed is reported and not given', async (_, damage, reads) => {
    using folder = temporaryFolder();
    const journal = await open(folder.path);
    await bury(journal, { incarnation: 2 });
    await journal.remember(key, () => bytes(1));
    for (const read of reads) await read(journal);
    const database = new Database(databasePath(folder.path));
    expect(database.prepare(damage).run().changes).toBe(1);
    database.close();
    for (const read of reads) await expect(read(journal)).rejects.toThrow(CorruptRow);
    await journal.stop();
  });

  it('[SCR5] of a document is left out of every list, and told once', async () => {
    using folder = temporaryFolder();
    const told: string[] = [];
    const journal = await open(folder.path, undefined, (reason) => told.push(reason));
    for (const each of names) await follow(journal, {}, documentName(each));
    const [damaged, ...others] = names;
    execute(folder.path, `UPDATE document SET digest = zeroblob(16) WHERE name = '${damaged}'`);
    // A page is as long as it may be: a shorter one would be the last.
    const page = await journal.feed(0, others.length);
    expect(page.listings.map((listing) => listing.name)).toEqual(others);
    const listings = await journal.listings(names);
    expect(listings.map((listing) => listing?.name)).toEqual([undefined, ...others]);
    expect(await journal.leaf(leafOf(damaged!), '', 1)).toEqual({ listings: [], isLast: true });
    expect(told).toEqual(['the row of document 1 is damaged']);
    await journal.stop();
  });

  it('[SCR5] of a document that strayed to another leaf is left out there', async () => {
    using folder = temporaryFolder();
    const told: string[] = [];
    const journal = await open(folder.path, undefined, (reason) => told.push(reason));
    await follow(journal);
    const leaf = (leafOf(name) + 1) % 65_536;
    execute(folder.path, `UPDATE document SET leaf = ${leaf}`);
    expect(await journal.leaf(leaf, '', 9)).toEqual({ listings: [], isLast: true });
    expect(told).toEqual(['the row of document 1 is damaged']);
    await journal.stop();
  });
});

/** As the versions before deletions left it. */
function createEarlier(folder: string): void {
  const { database, lock } = openStore(folder, 'normal');
  lock.close();
  for (const table of database
    .prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table'")
    .pluck()
    .all())
    database.exec(`DROP TABLE ${table}`);
  for (const migration of migrations.slice(0, 2)) database.exec(migration);
  database.pragma('user_version = 2');
  const add = database.prepare(
    'INSERT INTO document (id, name, engine, sequence, digest, checksum) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const addEntry = database.prepare(
    "INSERT INTO log (sequence, document, previous, data, checksum) VALUES (?, ?, 0, x'0107', ?)",
  );
  names.forEach((each, index) => {
    const id = index + 1;
    const digest = new Uint8Array(16).fill(id);
    const places = new Uint8Array(BigInt64Array.of(BigInt(id), BigInt(id)).buffer);
    add.run(id, each, 'yjs', id, digest, crc32(`yjs ${each}`, crc32(digest, crc32(places))));
    addEntry.run(id, id, checksum(bytes(1, 7), id, id, 0));
  });
  database.close();
}

async function sumsOf(journal: SqliteJournal): Promise<Uint8Array> {
  await until('the tree is built', async () => (await journal.sums('root')) !== undefined);
  return (await journal.sums('root'))!.sums;
}

function open(
  folder: string,
  digestKey?: Uint8Array,
  onDamaged?: (reason: string) => void,
): Promise<SqliteJournal> {
  const onFatal = (error: Error): never => {
    throw error;
  };
  const told = onDamaged ? { onDamaged } : {};
  return SqliteJournal.open({ folder, durability: 'full', digestKey, onFatal, onCommit: () => {}, ...told });
}
