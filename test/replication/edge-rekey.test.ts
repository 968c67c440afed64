// A data folder that joins a cluster: all its digests are made anew, and nothing else of it changes.
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ClusterSecret } from '@syncline/server/auth/cluster-secret.ts';
import { YjsEngine } from '@syncline/server/engine/yjs.ts';
import type { Listing } from '@syncline/server/port/journal.ts';
import { SqliteJournal } from '@syncline/server/store/sqlite.ts';
import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { GuardedServer } from '../support/guarded-server.ts';
import { refusal } from '../support/refusal.ts';
import { SdkClient, textOf, write } from '../support/sdk-client.ts';
import { ServerProcess } from '../support/server.ts';
import { databaseFile } from '../support/stored-updates.ts';

/** More than are looked at together. */
const documents = 300;
const openKey = new ClusterSecret(new Uint8Array(0)).digestKey('default');

/** A folder whose digests are under a key of its own, with documents of which one is deleted. */
async function ownKeyed(count: number): Promise<GuardedServer> {
  const guarded = await GuardedServer.start();
  const { server, key } = guarded;
  await using anna = new SdkClient({ url: server.sync, token: key.sign({ write: ['**'] }) });
  const opened = Array.from({ length: count }, (_, at) => anna.open(`notes/${at}`));
  for (const [at, document] of opened.entries()) write(document, `note ${at}`);
  await Promise.all(opened.map((document) => document.saved()));
  const authorization = `Bearer ${key.sign({ isAdmin: true })}`;
  const headers = { authorization, 'content-type': 'application/json' };
  const deleted = await fetch(`${server.http}/v1/documents/notes%2F0`, { method: 'DELETE', headers });
  expect(deleted.status).toBe(200);
  await server.end();
  return guarded;
}

/** What the folder says of all its documents, and what their digests should be under a key. */
async function inspected(folder: string, key: Uint8Array) {
  const journal = await SqliteJournal.open({
    folder,
    durability: 'full',
    onFatal: (error) => {
      throw error;
    },
    onCommit: () => {},
  });
  const engine = new YjsEngine(key);
  try {
    const { listings } = await journal.feed(0, documents * 2);
    const expected = await Promise.all(
      listings.map(async ({ name }) => {
        const { snapshot, tail } = (await journal.head(name))!;
        const version = await engine.version(
          snapshot?.version,
          tail.flatMap(({ updates }) => updates),
        );
        return version.digest();
      }),
    );
    return { digestKey: Buffer.from(journal.digestKey), listings, expected };
  } finally {
    await engine.stop();
    await journal.stop();
  }
}

function digestsOf(listings: readonly Listing[]): string[] {
  return listings
    .filter(({ isDeleted }) => !isDeleted)
    .map(({ digest }) => Buffer.from(digest).toString('hex'));
}

function withoutDigest({
  name,
  sequence,
  incarnation,
  isDeleted,
}: Listing): Omit<Listing, 'digest' | 'engine'> {
  return { name, sequence, incarnation, isDeleted };
}

function events({ log }: ServerProcess, event: string): string[] {
  return log.filter((line) => line.includes(`"event":"${event}"`));
}

it('[OPR6] has all its digests under the key of the cluster, and is otherwise as it was', async () => {
  await using guarded = await ownKeyed(documents);
  const before = await inspected(guarded.data, openKey);
  expect(before.digestKey).not.toEqual(Buffer.from(openKey));
  {
    await using open = await ServerProcess.start({ data: guarded.data });
    expect(events(open, 'rekeyed')).toEqual([expect.stringContaining(`"documents":${documents - 1},`)]);
    expect(events(open, 'rekeying')).toHaveLength(1);
    await using anna = new SdkClient({ url: open.sync });
    const note = anna.open('notes/299');
    await note.synced();
    expect(textOf(note)).toBe('note 299');
    await open.end();
    await using again = await open.restart();
    expect([...events(again, 'rekeying'), ...events(again, 'rekeyed')]).toEqual([]);
    await again.end();
  }
  const after = await inspected(guarded.data, openKey);
  expect(after.digestKey).toEqual(Buffer.from(openKey));
  expect(after.listings.map(withoutDigest)).toEqual(before.listings.map(withoutDigest));
  const live = after.listings.map(({ isDeleted }) => !isDeleted);
  const expected = after.expected.filter((_, index) => live[index]);
  expect(digestsOf(after.listings)).toEqual(expected.map((digest) => Buffer.from(digest).toString('hex')));
  expect(digestsOf(after.listings)).not.toEqual(digestsOf(before.listings));
});

it('[OPR6] that is new has no digest to be made anew', async () => {
  await using guarded = await GuardedServer.start();
  await guarded.server.end();
  const file = join(guarded.data, 'cluster-key');
  writeFileSync(file, randomBytes(32).toString('hex'), { mode: 0o600 });
  const data = join(guarded.data, 'new');
  const words = ['--cluster-key-file', file, '--cluster', 'east'];
  await using server = await ServerProcess.start({ data, arguments: words });
  expect(events(server, 'rekeying')).toEqual([]);
  await server.end();
  const { digestKey } = await inspected(data, openKey);
  expect(digestKey).not.toEqual(Buffer.from(openKey));
});

it('[OPR6] with a document that cannot be read is served alone, and left as it is', async () => {
  await using guarded = await ownKeyed(3);
  const before = await inspected(guarded.data, openKey);
  const database = new Database(databaseFile(guarded.data));
  const ofOne = `(SELECT sequence FROM document WHERE name = 'notes/1')`;
  database.exec(`UPDATE log SET data = zeroblob(length(data)) WHERE sequence = ${ofOne}`);
  database.close();
  const peer = ['--peer', 'ws://127.0.0.1:1/replicate'];
  expect(await refusal({ data: guarded.data, arguments: [...peer, '--log', 'silent'] })).toMatch(
    /^The database cannot join the cluster: .*\.$/,
  );
  await using alone = await ServerProcess.start({ data: guarded.data });
  expect(events(alone, 'rekey-failed')).toHaveLength(1);
  const code = await new Promise((resolve, reject) => {
    const socket = new WebSocket(`ws://127.0.0.1:${alone.port}/replicate`);
    socket.on('close', resolve).on('error', reject);
  });
  expect(code).toBe(4403);
  await using anna = new SdkClient({ url: alone.sync });
  const note = anna.open('notes/2');
  await note.synced();
  expect(textOf(note)).toBe('note 2');
  await alone.end();
  const database2 = new Database(databaseFile(guarded.data), { readonly: true });
  const stored = database2.prepare<[], Buffer>(`SELECT value FROM meta WHERE key = 'digest-key'`).pluck();
  expect(stored.get()).toEqual(before.digestKey);
  database2.close();
});
