// A replica that is let in and then says more than it may, or what is not so: its own link ends, or takes only what is bounded; two other
// replicas go on replicating, and people at both go on typing.
import { randomBytes } from 'node:crypto';
import {
  floodFactor,
  maxFetches,
  maxLeavesAsked,
  maxUnackedEntries,
} from '@syncline/server/replication/limits.ts';
import type { Change, Message } from '@syncline/server/replication/messages.ts';
import { afterAll, beforeAll, expect, it } from 'vitest';
import * as Y from 'yjs';
import { Author, letters } from '../core/core.ts';
import { StockClient } from '../support/client.ts';
import { RawClient } from '../support/raw-client.ts';
import { RawReplica } from '../support/raw-replica.ts';
import { linkTo, metricsOf, statusOf } from '../support/scrape.ts';
import { until } from '../support/until.ts';
import { Unharmed } from './unharmed.ts';

const megabyte = 1024 * 1024;
/** What a flood may cost beside what is told: buffers, and garbage that is not collected yet. */
const maxGrowthBytes = 200 * megabyte;

let pair: Unharmed;

beforeAll(async () => void (pair = await Unharmed.start()));
afterAll(() => pair[Symbol.asyncDispose]());

function entry(document: string, otherwise: Partial<Change> = {}): Change {
  const digest = randomBytes(16);
  return {
    document,
    engine: 'yjs',
    sequence: 1,
    digest,
    incarnation: 1,
    isDeleted: 0,
    updates: [],
    ...otherwise,
  };
}

/** Tells of documents in the round in which it is read. */
function tell(stranger: RawReplica, from: number, entries: readonly Change[]): void {
  const { round } = stranger.heardOf('resume').at(-1)!;
  const through = from + entries.length;
  stranger.say({ say: 'changes', round, from, through, head: through, entries });
}

/** Says one after another what `next` gives, as fast as it is read, until it is closed. */
async function flood(stranger: RawReplica, next: (at: number) => Message): Promise<void> {
  const { socket } = stranger;
  for (let at = 0; socket.readyState === socket.OPEN; at++) {
    stranger.say(next(at));
    // So that it is seen when it is closed.
    if (at % 50 === 0) await new Promise(setImmediate);
    await until('it is read', () => socket.bufferedAmount < megabyte || socket.readyState !== socket.OPEN);
  }
}

async function memory(): Promise<number> {
  return (await metricsOf(pair.east)).get('process_resident_memory_bytes')!;
}

it.each<[what: string, next: (at: number) => Message]>([
  [
    `more than ${maxLeavesAsked * floodFactor} questions about sums`,
    (at) => ({ say: 'sumsOf', audit: at, of: at % 257 }),
  ],
  ['as many questions about leaves', (at) => ({ say: 'leafOf', audit: at, leaf: at % 65_536, after: '' })],
  [
    `more than ${maxFetches * floodFactor} fetches`,
    (at) => ({ say: 'fetch', ticket: at, document: `none ${at}`, incarnation: 1, request: Uint8Array.of(0) }),
  ],
])('[REP41] %s end the link', async (_, next) => {
  await pair.during(async () => {
    using stranger = await RawReplica.link(pair.east);
    await flood(stranger, next);
    expect(await stranger.refused()).toEqual({ code: 'bad_frame', close: 4400 });
  });
});

it('[REP41] changes beyond the window end the link', async () => {
  await pair.during(async () => {
    using stranger = await RawReplica.link(pair.east);
    // Each is fetched, and nothing is answered.
    for (let from = 0; from <= maxUnackedEntries * floodFactor + 512; from += 512)
      tell(
        stranger,
        from,
        Array.from({ length: 512 }, (_, at) => entry(`never ${from + at}`)),
      );
    expect(await stranger.refused()).toEqual({ code: 'bad_frame', close: 4400 });
  });
});

it('[REP41] whoever asks and does not read is let go, with what it was owed', async () => {
  const before = await memory();
  await pair.during(async () => {
    using stranger = await RawReplica.link(pair.east);
    stranger.socket.pause();
    await flood(stranger, (at) => ({ say: 'sumsOf', audit: at, of: 0 }));
    stranger.socket.resume();
    await stranger.closed;
    expect((await memory()) - before).toBeLessThan(maxGrowthBytes);
  });
});

it('[REP41] one that does not read is owed little, and is told everything when it does', async () => {
  await pair.during(async () => {
    using stranger = await RawReplica.link(pair.east, { hello: { name: 'owed' } });
    const { epoch } = await stranger.hears('hello');
    const read = { epoch, position: 0, headSeen: 0 };
    stranger.say({ say: 'resume', round: 1, candidates: [read] });
    stranger.answering.changes = ({ through, head }) =>
      stranger.say({ say: 'ack', epoch, through, held: through === head ? head : 0 });
    await stranger.hears('changes');
    stranger.socket.pause();
    const beating = setInterval(() => stranger.beat(), 1_000);
    const typing = new Author(3);
    using writer = await RawClient.join(pair.east.yjs, 'large');
    await writer.pour(Array.from({ length: 90 }, () => typing.type(letters(80_000))));
    await until('it is committed', () => writer.document().getText('content').length === typing.text.length);
    const { sequence, links } = await statusOf(pair.east);
    const { sendBufferBytes, isConnected } = linkTo({ links }, 'owed');
    expect({ isConnected, isLittle: sendBufferBytes < 4 * megabyte }).toEqual({
      isConnected: true,
      isLittle: true,
    });
    clearInterval(beating);
    stranger.socket.resume();
    await until('it is told everything', () => stranger.heardOf('changes').at(-1)!.through >= sequence);
  });
});

it('[REP42] a document that cannot be taken in is stuck, with its code, and the others are not', async () => {
  await pair.during(async () => {
    using stranger = await RawReplica.link(pair.east, { hello: { name: 'stuck' } });
    const update = new Author(7).type('well');
    tell(stranger, 0, [
      entry('broken', { updates: [update.subarray(0, -3)] }),
      entry('well', { updates: [update] }),
      entry('strange', { engine: 'another', updates: [update] }),
    ]);
    await until('all was heard', () => stranger.heardOf('ack').at(-1)?.through === 3);
    for (const server of [pair.east, pair.north]) {
      using reader = await new StockClient({ url: server.yjs, document: 'well' }).synced();
      await until('it has come', () => reader.text.toJSON() === 'well');
      using other = await new StockClient({ url: server.yjs, document: 'broken' }).synced();
      expect(Y.encodeStateVector(other.doc)).toEqual(Uint8Array.of(0));
    }
    const { stuckDocuments } = linkTo(await statusOf(pair.east), 'stuck');
    expect(stuckDocuments.toSorted((a, b) => a.document.localeCompare(b.document))).toEqual([
      { document: 'broken', code: 'malformed_update' },
      { document: 'strange', code: 'unsupported_engine' },
    ]);
  });
});

it('[REP45] one that says again and again that it has seen more than there is ends nobody else', async () => {
  const lie = async (): Promise<string> => {
    using stranger = await RawReplica.link(pair.east);
    const { epoch } = await stranger.hears('hello');
    const seen = { epoch, position: 1e9, headSeen: 1e9 };
    stranger.say({ say: 'resume', round: 1, candidates: [seen] });
    return (await stranger.refused()).code;
  };
  // Believed once, since it may be so: all begin anew in another epoch.
  await lie();
  await until(
    'north is linked again',
    async () => linkTo(await statusOf(pair.north), 'east').state === 'live',
  );
  await pair.during(async () => {
    for (let times = 0; times < 3; times++) expect(await lie()).toBe('bad_frame');
  });
});
