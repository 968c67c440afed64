// Data folders that a server must not serve from, or must share with what is wrong in them.
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { documentName } from '@syncline/shared';
import type { Committed } from '@syncline/server/port/journal.ts';
import { openStore, StoreRefused } from '@syncline/server/store/open.ts';
import { SqliteJournal } from '@syncline/server/store/sqlite.ts';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { draft } from '../contract/journal-drafts.ts';
import { refusal } from '../support/refusal.ts';
import { ServerProcess, temporaryFolder } from '../support/server.ts';
import { databaseFile } from '../support/stored-updates.ts';
import { until } from '../support/until.ts';
import { WatchedClient } from '../support/witness.ts';

const pageBytes = 4096;

describe('a folder that is in use', () => {
  it('[STO1] is refused to a second process, and let go by one that was killed', async () => {
    using folder = temporaryFolder();
    await using first = await ServerProcess.start({ data: folder.path });
    expect(await refusal({ data: folder.path })).toContain('in use by another Syncline process');
    expect((await fetch(`${first.http}/readyz`)).status).toBe(200);
    await first.end('SIGKILL');
    await using second = await ServerProcess.start({ data: folder.path });
    expect((await fetch(`${second.http}/readyz`)).status).toBe(200);
  });
});

describe('a database of a newer schema', () => {
  it('[STO2] is refused, and stays as it is, with what is in its write-ahead log alone', async () => {
    using folder = await filledFolder();
    using copy = temporaryFolder();
    const newer = new Database(databaseFile(folder.path));
    newer.exec('PRAGMA wal_autocheckpoint = 0; PRAGMA user_version = 999; CREATE TABLE later (id INTEGER)');
    for (const file of filesOf(folder.path)) copyFileSync(file, file.replace(folder.path, copy.path));
    newer.close();
    expect(statSync(`${databaseFile(copy.path)}-wal`).size).toBeGreaterThan(0);
    const before = hashesOf(copy.path);
    expect(await refusal({ data: copy.path })).toContain('has schema 999');
    expect(hashesOf(copy.path)).toEqual(before);
  });
});

describe('a file that is not what it should be', () => {
  const damages: Record<string, readonly [damage: (path: string) => void, said: string]> = {
    'a page of garbage': [(path) => overwrite(path, Math.floor(pagesOf(path) / 2)), 'is damaged'],
    'its second half missing': [
      (path) => truncateSync(path, Math.floor(pagesOf(path) / 2) * pageBytes),
      'is damaged',
    ],
    'half of its last page missing': [
      (path) => truncateSync(path, statSync(path).size - pageBytes / 2),
      'is damaged',
    ],
    'a few bytes alone': [(path) => truncateSync(path, 60), 'not a database'],
    'a text in its place': [
      (path) => writeFileSync(path, 'A list of things to do.\n'.repeat(500)),
      'not a database',
    ],
    'another program in its place': [(path) => createElsewhere(path, 0), 'another program'],
    'another program of our version in its place': [(path) => createElsewhere(path, 1), 'another program'],
    'its write-ahead log alone': [(path) => renameSync(path, `${path}-wal`), 'no database beside it'],
    'its write-ahead log beside one byte': [
      (path) => {
        renameSync(path, `${path}-wal`);
        writeFileSync(path, 'S');
      },
      'no database beside it',
    ],
  };

  it.each(Object.keys(damages))('[STO3] is refused with %s, and stays as it is', async (name) => {
    const [damage, said] = damages[name]!;
    using folder = await filledFolder();
    damage(databaseFile(folder.path));
    const before = hashesOf(folder.path);
    expect(await refusal({ data: folder.path })).toContain(said);
    expect(hashesOf(folder.path)).toEqual(before);
  });

  it('[STO3] is refused whichever page is garbage', async () => {
    using folder = await filledFolder();
    const path = databaseFile(folder.path);
    const whole = readFileSync(path);
    expect(pagesOf(path)).toBeGreaterThan(10);
    for (let page = 0; page < whole.length / pageBytes; page++) {
      overwrite(path, page);
      expect(() => openStore(folder.path, 'full'), `page ${page}`).toThrow(StoreRefused);
      writeFileSync(path, whole);
    }
    const { database, lock } = openStore(folder.path, 'full');
    database.close();
    lock.close();
  });
});

// Windows has neither these modes nor these users.
describe.skipIf(process.platform === 'win32')('a place that cannot be written', () => {
  const everybody = 0o755;
  const readOnly = 0o555;
  // No mode keeps root out, so the server is then started as somebody else.
  const asNobody =
    process.getuid?.() === 0
      ? { shellPrefix: 'set -- setpriv --reuid=65534 --regid=65534 --clear-groups "$@";' }
      : {};

  it('[STO4] is refused if it is a folder that others own', async () => {
    using folder = temporaryFolder();
    chmodSync(folder.path, everybody);
    const data = join(folder.path, 'data');
    mkdirSync(data);
    chmodSync(data, readOnly);
    expect(await refusal({ data, ...asNobody })).toContain(data);
    expect(await refusal({ data: join(data, 'below'), ...asNobody })).toContain('cannot be made');
  });

  it('[STO4] is refused if it is a database that others own', async () => {
    using folder = await filledFolder();
    chmodSync(folder.path, 0o777);
    for (const file of filesOf(folder.path)) chmodSync(file, 0o444);
    chmodSync(join(folder.path, 'lock.sqlite'), 0o666);
    const before = hashesOf(folder.path);
    expect(await refusal({ data: folder.path, ...asNobody })).toContain('cannot be written');
    expect(hashesOf(folder.path)).toEqual(before);
  });

  it('[STO4] is refused if it is a file, or below one', async () => {
    using folder = temporaryFolder();
    const file = join(folder.path, 'file');
    writeFileSync(file, '');
    expect(await refusal({ data: file })).toContain(file);
    expect(await refusal({ data: join(file, 'below') })).toContain(file);
  });
});

it.runIf(existsSync('/proc/self'))(
  '[STO4] a folder in a file system that makes none is refused',
  async () => {
    expect(await refusal({ data: '/proc/below' })).toContain('/proc/below');
  },
);

describe('a row that was damaged', () => {
  it.each([
    ['log', 'data', 'document'],
    ['document', 'digest', 'id'],
  ])(
    '[JRN8] in the table %s is not served, reported, and kept; other documents are as they were',
    async (table, column, key) => {
      using folder = temporaryFolder();
      await using server = await ServerProcess.start({ data: folder.path });
      await write(server, 'damaged');
      await write(server, 'whole');
      await server.end();
      const database = new Database(databaseFile(folder.path));
      const where = `${key} = (SELECT id FROM document WHERE name = 'damaged')`;
      const select = database.prepare<[], Buffer>(`SELECT ${column} FROM ${table} WHERE ${where}`).pluck();
      const row = select.get()!;
      row[row.length >> 1]! ^= 1;
      database.prepare(`UPDATE ${table} SET ${column} = ? WHERE ${where}`).run(row);
      database.close();

      await using again = await server.restart();
      using reader = new WatchedClient({ url: again.yjs, document: 'damaged' });
      // Typed before anything is answered: it waits at the client, as on a bad line.
      reader.text.insert(0, 'more');
      await until('the reader is turned away', () => reader.witness.closeCodes.length > 0);
      expect(reader.witness.closeCodes[0]).toBe(1013);
      expect(reader.witness.received).toEqual([]);
      await until('it is reported', () => again.log.some((line) => line.includes('"event":"row-corrupt"')));
      await write(again, 'whole');
      using other = await new WatchedClient({ url: again.yjs, document: 'whole' }).synced();
      expect(other.text.toJSON()).toBe('wordswords');
      reader.provider.disconnect();
      await again.end();
      const after = new Database(databaseFile(folder.path), { readonly: true });
      expect(after.prepare(select.source).pluck().all()).toEqual([row]);
      after.close();
    },
  );
});

describe('appends', () => {
  it('[STO5] of many documents while a commit runs are one commit', async () => {
    using folder = temporaryFolder();
    const commits: number[] = [];
    const journal = await open(folder.path, (updates) => commits.push(updates));
    const names = Array.from({ length: 100 }, (_, index) => documentName(`notes/${index}`));
    let first: Promise<Committed> | undefined;
    await new Promise<void>((begun) => {
      first = journal.append(documentName('notes'), () => {
        begun();
        return draft({});
      });
    });
    const others = names.map((name) => journal.append(name, () => draft({})));
    expect((await first)?.sequence).toBe(1);
    expect((await Promise.all(others)).map(({ sequence }) => sequence)).toEqual(names.map((_, at) => at + 2));
    expect(commits).toEqual([1, names.length]);
    await journal.stop();
  });
});

async function open(folder: string, onCommit: (updates: number) => void): Promise<SqliteJournal> {
  return SqliteJournal.open({
    folder,
    durability: 'full',
    onFatal: (error) => {
      throw error;
    },
    onCommit: (_, updates) => onCommit(updates),
  });
}

/** A folder with a database of some pages, closed in good order. */
async function filledFolder(): Promise<ReturnType<typeof temporaryFolder>> {
  const folder = temporaryFolder();
  const journal = await open(folder.path, () => {});
  const names = Array.from({ length: 800 }, (_, index) => documentName(`notes/${index}`));
  await Promise.all(names.map((name) => journal.append(name, () => draft({}))));
  await journal.stop();
  return folder;
}

async function write(server: ServerProcess, document: string): Promise<void> {
  using writer = await new WatchedClient({ url: server.yjs, document }).synced();
  writer.text.insert(0, 'words');
  await until('it came back', () => writer.witness.clockOf(writer.doc.clientID) > 0);
}

function filesOf(folder: string): string[] {
  const path = databaseFile(folder);
  return [path, `${path}-wal`].filter((file) => existsSync(file));
}

/** The database and its write-ahead log, as far as they are there, byte for byte. */
function hashesOf(folder: string): string[][] {
  const hash = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex');
  return filesOf(folder).map((file) => [file, hash(file)]);
}

function pagesOf(path: string): number {
  return Math.floor(statSync(path).size / pageBytes);
}

function overwrite(path: string, page: number): void {
  const content = readFileSync(path);
  content.fill(0xa5, page * pageBytes, (page + 1) * pageBytes);
  writeFileSync(path, content);
}

function createElsewhere(path: string, version: number): void {
  const elsewhere = join(dirname(path), 'elsewhere.sqlite');
  const database = new Database(elsewhere);
  database.exec(`CREATE TABLE recipe (title TEXT); PRAGMA user_version = ${version}`);
  database.close();
  renameSync(elsewhere, path);
}
