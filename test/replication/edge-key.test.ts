// Which replicas let each other in: real servers, with keys and without.
import { randomBytes } from 'node:crypto';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ClusterStatus, LinkStatus } from '@syncline/server/replication/contract.ts';
import { expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { GuardedServer } from '../support/guarded-server.ts';
import { refusal } from '../support/refusal.ts';
import { SdkClient, textOf, write } from '../support/sdk-client.ts';
import { ServerProcess, temporaryFolder } from '../support/server.ts';
import { TokenKey } from '../support/tokens.ts';
import { until } from '../support/until.ts';
import { Replicas, replicateUrl } from './replicas.ts';

/** A key in a file that only its owner may read; gives the options that name it. */
function clusterKey(folder: string, name = 'cluster-key'): readonly string[] {
  const file = join(folder, name);
  writeFileSync(file, randomBytes(32).toString('hex'), { mode: 0o600 });
  return ['--cluster-key-file', file];
}

async function linkOf({ http }: ServerProcess, token?: string): Promise<LinkStatus | undefined> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const answer = await fetch(`${http}/v1/status`, { headers });
  return ((await answer.json()) as ClusterStatus).links[0];
}

it('[OPR2] replicas with one key replicate, beside tokens and without', async () => {
  using folder = temporaryFolder();
  const tokens = new TokenKey(folder.path);
  const replicas = await Replicas.start(['east', 'west'], {
    arguments: clusterKey(folder.path),
    argumentsOf: { east: tokens.arguments },
  });
  await using _ = replicas;
  const [east, west] = [replicas.of('east'), replicas.of('west')];
  await using anna = new SdkClient({ url: east.sync, token: tokens.sign({ write: ['**'] }) });
  const notes = anna.open('notes');
  write(notes, 'hello');
  await using ben = new SdkClient({ url: west.sync });
  const same = ben.open('notes');
  await until('it has come', () => textOf(same) === 'hello');
  expect((await linkOf(east, tokens.sign({ isAdmin: true })))?.isConnected).toBe(true);
});

it('[OPR2] a replica with another key, or with none, is refused, and so is one of another cluster', async () => {
  using folder = temporaryFolder();
  const key = clusterKey(folder.path);
  await using east = await ServerProcess.start({ data: join(folder.path, 'east'), arguments: key });
  const peer = ['--peer', replicateUrl(east)];
  const others: [string, readonly string[], RegExp][] = [
    ['another key', clusterKey(folder.path, 'other-key'), /cluster key/],
    ['no key', [], /cluster key/],
    ['another cluster', [...key, '--cluster', 'other'], /of another cluster/],
  ];
  for (const [name, words, reason] of others) {
    await using west = await ServerProcess.start({
      data: join(folder.path, name),
      arguments: [...words, ...peer],
    });
    await until(`it is refused: ${name}`, async () => (await linkOf(west))?.state === 'refused');
    expect(await linkOf(west)).toMatchObject({
      isConnected: false,
      reason: expect.stringMatching(reason),
    });
    expect(west.log.find((line) => line.includes('"state":"refused"'))).toContain('"level":50');
  }
  expect(await linkOf(east)).toBeUndefined();
});

it('[OPR2] a server with tokens and no cluster key lets no replica in, and dials none', async () => {
  await using guarded = await GuardedServer.start();
  const code = await new Promise((resolve, reject) => {
    const socket = new WebSocket(replicateUrl(guarded.server));
    socket.on('close', resolve).on('error', reject);
  });
  expect(code).toBe(4403);
  const token = guarded.key.sign({ isAdmin: true });
  expect(await linkOf(guarded.server, token)).toBeUndefined();
  using folder = temporaryFolder();
  const words = [...guarded.key.arguments, '--peer', replicateUrl(guarded.server)];
  expect(await refusal({ data: folder.path, arguments: words })).toMatch(
    /^With a token key, replicas prove themselves by a key of their own: --peer needs --cluster-key-file/,
  );
});

it('[OPR1] [RUN5] a peer that is no replica’s URL is refused in one sentence', async () => {
  using folder = temporaryFolder();
  expect(
    await refusal({ data: folder.path, arguments: ['--peer', 'http://127.0.0.1:7071/replicate'] }),
  ).toMatch(/^--peer is a URL such as ws:/);
});

it('[OPR2] a cluster key that others may read is warned of', async () => {
  using folder = temporaryFolder();
  const key = clusterKey(folder.path);
  chmodSync(key[1]!, 0o644);
  await using east = await ServerProcess.start({ data: join(folder.path, 'east'), arguments: key });
  expect(east.log.find((line) => line.includes('key-readable'))).toContain(key[1]);
});
