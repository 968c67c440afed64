// What a replica may say in a time, to the byte: on a clock that stands still unless it is moved.
import { randomBytes } from 'node:crypto';
import {
  beatRate,
  fetchBehindOthersMs,
  fetchWithinMs,
  maxFetches,
  presenceByteRate,
} from '@syncline/server/replication/limits.ts';
import { type Change, messageCodec, type ReplicaReport } from '@syncline/server/replication/messages.ts';
import { expect, it } from 'vitest';
import { Author } from '../core/core.ts';
import { until } from '../support/until.ts';
import { HandLink } from './hand-link.ts';

function changeOf(document: string, sequence: number): Change {
  const digest = randomBytes(16);
  return { document, engine: 'yjs', sequence, digest, incarnation: 1, isDeleted: 0, updates: [] };
}

/** A replica that says that it knows as many others as there may be. */
function crowd(): ReplicaReport[] {
  return Array.from({ length: 63 }, () => ({
    replica: randomBytes(16),
    name: 'x'.repeat(200),
    ageMs: 0,
    root: randomBytes(20),
    holdings: Array.from({ length: 64 }, () => ({
      origin: randomBytes(16),
      epoch: randomBytes(8),
      sequence: 1,
      ageMs: 0,
    })),
  }));
}

it('[REP41] beats that say more than so many replicas have to say end the link', async () => {
  await using link = await HandLink.open();
  const { replica } = link.hello;
  const replicas = [{ replica, name: '', ageMs: 0, root: randomBytes(20), holdings: [] }, ...crowd()];
  let bytes = 0;
  for (let number = 2; link.closed === undefined; number++) {
    const beat = {
      say: 'beat',
      number,
      echo: 0,
      echoMs: 0,
      head: 0,
      rootHead: 0,
      round: 0,
      told: 0,
      replicas,
    } as const;
    bytes += messageCodec.encode(beat).length;
    link.say(beat);
  }
  expect(await link.hears('refused')).toMatchObject({ code: 'bad_frame' });
  expect(bytes).toBeGreaterThan(beatRate.atOnce);
  expect(bytes).toBeLessThan(beatRate.atOnce * 1.1);
});

it('[REP41] presence is taken in as fast as it may come, and what is beyond is let go', async () => {
  await using link = await HandLink.open();
  const state = randomBytes(32 * 1024);
  const most = presenceByteRate.atOnce / state.length;
  for (let at = 0; at < 2 * most; at++)
    link.say({ say: 'presence', document: `crowd ${at}`, entries: [{ client: at, clock: 1, state }] });
  const { documents } = link.core;
  expect(documents.count).toBeGreaterThan(most * 0.9);
  expect(documents.count).toBeLessThanOrEqual(most);
  expect(link.closed).toBeUndefined();
});

it('[REP41] whoever asks and does not read is let go, and what it was owed with it', async () => {
  await using link = await HandLink.open();
  link.unreadBytes = 63 * 1024 * 1024;
  link.say({ say: 'sumsOf', audit: 1, of: 0 });
  await link.hears('sums');
  expect(link.closed).toBeUndefined();
  link.unreadBytes += 2 * 1024 * 1024;
  link.say({ say: 'sumsOf', audit: 1, of: 1 });
  await until('it is closed', () => link.closed === 1008);
  expect((await link.replication.status()).links[0]).toMatchObject({ isConnected: false });
});

it('[REP46] a large document is fetched for as long as parts of it come', async () => {
  await using link = await HandLink.open();
  const author = new Author(1);
  link.tells(1, [changeOf('large', 1)]);
  const { ticket } = await link.hears('fetch');
  for (let part = 0; part < 10; part++) {
    await link.pass(fetchWithinMs / 2);
    const updates = [author.type(`part ${part} `)];
    link.say({ say: 'document', ticket, part, isLast: 0, updates });
  }
  link.say({ say: 'document', ticket, part: 10, isLast: 1, updates: [] });
  await link.acknowledged(1);
  await link.pass(2 * fetchWithinMs);
  expect(link.closed).toBeUndefined();
});

it.each([
  ['nothing comes', fetchWithinMs, false],
  ['others come, and one does not', fetchBehindOthersMs, true],
])('[REP46] when %s the link is of no use', async (_, afterMs, doOthersCome) => {
  await using link = await HandLink.open();
  const entries = Array.from({ length: maxFetches }, (__, at) => changeOf(`document ${at}`, at + 1));
  link.tells(maxFetches, entries);
  await link.hears('fetch', maxFetches);
  let part = 0;
  for (let passedMs = 0; passedMs < afterMs; passedMs += 10_000) {
    expect(link.closed).toBeUndefined();
    await link.pass(10_000);
    if (doOthersCome) link.say({ say: 'document', ticket: 1, part: part++, isLast: 0, updates: [] });
  }
  await link.pass(fetchWithinMs);
  expect(await link.hears('refused')).toMatchObject({ code: 'silent' });
});
