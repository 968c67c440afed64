// Whether in the end all replicas and all clients have the same, and everything that has to be there.
import { strict as assert } from 'node:assert';
import Database from 'better-sqlite3';
import { syncline } from '../../support/command.ts';
import type { Replica } from '../../support/replica.ts';
import { statusOf, verify } from '../../support/scrape.ts';
import { databaseFile } from '../../support/stored-updates.ts';
import { linesOf } from '../../support/typist.ts';
import { until } from '../../support/until.ts';
import type { Crowd } from './crowd.ts';

const patienceMs = 120_000;

export interface Outcome {
  readonly documents: number;
  readonly deleted: number;
  /** Lines that everybody has. */
  readonly lines: number;
  readonly notes: number;
  /** Documents that only a replica had which was put back to before them, and that are gone. */
  readonly gone: number;
}

/** Resolves when every replica says so itself, and an audit of every link finds nothing. */
export async function agreed(replicas: readonly Replica[]): Promise<void> {
  const sinceMs = Date.now();
  for (const { name, server } of replicas) {
    const findsEqual = async (): Promise<boolean> =>
      (await verify(server)).links.every(({ outcome }) => outcome === 'equal');
    await until(`${name} finds all equal`, findsEqual, patienceMs);
    const saysSo = async (): Promise<boolean> => ((await statusOf(server)).verifiedAtMs ?? 0) > sinceMs;
    await until(`${name} says that all are equal`, saysSo, patienceMs);
  }
}

/** Looks at the disks and at the clients. Throws what is not as it should be. */
export async function outcomeOf(
  replicas: readonly Replica[],
  crowd: Crowd,
  lost: ReadonlySet<string>,
): Promise<Outcome> {
  const [first, ...others] = replicas.map(({ data }) => rowsIn(data)) as [Row[], ...Row[][]];
  for (const rows of others) assert.deepEqual(rows, first, 'the digests on two disks differ');
  const lines = await linesOfAll(replicas, crowd);
  const there = new Set(first.filter(({ isDeleted }) => isDeleted === 0).map(({ name }) => name));
  const missing = crowd.notes.filter(({ document }) => !there.has(document));
  assert.deepEqual(
    missing.filter(({ document }) => !lost.has(document)),
    [],
    'what was acknowledged, and was not only on a disk that was put back, is not there',
  );
  return {
    documents: first.length,
    deleted: first.length - there.size,
    lines,
    notes: crowd.notes.length - missing.length,
    gone: missing.length,
  };
}

interface Row {
  readonly name: string;
  readonly digest: string;
  readonly incarnation: number;
  readonly isDeleted: number;
}

/** What replicas compare, as it is on a disk. */
function rowsIn(folder: string): Row[] {
  const database = new Database(databaseFile(folder), { readonly: true });
  try {
    // The digest of a document that is deleted says nothing.
    return database
      .prepare<[], Row>(
        `SELECT name, CASE is_deleted WHEN 0 THEN hex(digest) ELSE '' END AS digest, incarnation,
         is_deleted AS isDeleted FROM document ORDER BY name`,
      )
      .all();
  } finally {
    database.close();
  }
}

async function linesOfAll(replicas: readonly Replica[], { typists }: Crowd): Promise<number> {
  let lines = 0;
  for (const document of new Set(typists.map((typist) => typist.document))) {
    const readers = typists.filter((typist) => typist.document === document);
    const [{ text }] = readers as [(typeof readers)[number]];
    await until(`all have the same ${document}`, () =>
      readers.every((reader) => reader.text === readers[0]!.text),
    );
    const typed = new Set(readers.flatMap((reader) => reader.typed));
    assert.deepEqual(linesOf(text), typed, `${document} has other lines than were typed`);
    for (const { data } of replicas) {
      const { stdout } = await syncline(['export', document, '--data', data, '--format', 'text']);
      assert.ok(stdout.includes(text), `${document} is exported as something else from ${data}`);
    }
    lines += typed.size;
  }
  return lines;
}
