// An Automerge document through its life: written, compacted, put out of memory, and read again by another process on the same file.
import * as Automerge from '@automerge/automerge';
import { documentName } from '@syncline/shared';
import { expect, it } from 'vitest';
import type { Outcome } from '@syncline/server/core/member.ts';
import { minTailBytes, minTailEntriesAtRest } from '@syncline/server/core/limits.ts';
import { AutomergeEngine } from '@syncline/server/engine/automerge.ts';
import type { RecordingSpeaker } from '../core/recording-speaker.ts';
import { SeededRandom } from '../support/random.ts';
import { temporaryFolder } from '../support/server.ts';
import { until } from '../support/until.ts';
import { readBy } from './automerge-content.ts';
import { editTogether } from './automerge-editing.ts';
import { misplaced } from './automerge-payloads.ts';
import { Replica } from './replica.ts';

const name = documentName('life/1');
const open = (folder: string): Promise<Replica> =>
  Replica.open(folder, (digestKey) => new AutomergeEngine(digestKey));

/** A change by somebody who has heard of nothing, as large as makes a tail worth a compaction. */
function attachment(): Uint8Array {
  const bytes = new Uint8Array(minTailBytes);
  return Automerge.getAllChanges(Automerge.from({ attachment: bytes }, { actor: 'aa00' }))[0]!;
}

it.concurrent('[AUT5] [AUT10] the digest is the same after compaction, eviction and restart', async () => {
  using folder = temporaryFolder();
  const random = new SeededRandom(1);
  const edits = editTogether(random, { people: 3, steps: 260 });
  const shuffled = random.shuffle(edits);
  const large = attachment();
  const changes = [large, ...edits];
  // The first part is long enough to be compacted while it is written, the second when it is at rest; both have orphans.
  const [first, second] = [[...shuffled.slice(0, 60), large], shuffled.slice(60)];
  const written = [...first, ...second];
  expect(second.length).toBeGreaterThan(minTailEntriesAtRest);
  {
    await using replica = await open(folder.path);
    const writer = await replica.read(name);
    await replica.write(writer, first);
    await until('the tail is compacted', async () => (await replica.head(name)).snapshot !== undefined);
    await same(replica, first, changes);
    writer.channel.close();
    await evicted(replica);
    await same(replica, first, changes);
  }
  await using replica = await open(folder.path);
  await same(replica, first, changes);
  const writer = await replica.read(name);
  const through = (await replica.head(name)).snapshot!.through;
  await replica.write(writer, second);
  await same(replica, written, changes);
  await until(
    'the tail is compacted at rest',
    async () => (await replica.head(name)).snapshot!.through > through,
  );
  await same(replica, written, changes);
  writer.channel.close();
  await evicted(replica);
  await same(replica, written, changes);
  expect(replica.observed.notices).toEqual([]);
});

it.concurrent(
  '[AUT13] a change that Automerge does not take is set aside when the document is compacted, and the rest stays',
  async () => {
    using folder = temporaryFolder();
    await using replica = await open(folder.path);
    const changes = [...editTogether(new SeededRandom(3), { people: 1, steps: 50 }), attachment()];
    const bad = misplaced(changes.slice(0, 20));
    const writer = await replica.read(name);
    await replica.write(writer, [...changes.slice(0, 20), bad, ...changes.slice(20)]);
    await until('the tail is compacted', async () => (await replica.head(name)).snapshot !== undefined);
    await until('the change was set aside', () =>
      replica.observed.notices.some(({ event }) => event === 'update-quarantined'),
    );
    expect(writer.refused).toBeUndefined();
    await same(replica, changes, changes);
  },
);

it.concurrent(
  '[AUT12] what another replica is sent of a document is taken in there, snapshot and all',
  async () => {
    using here = temporaryFolder();
    using there = temporaryFolder();
    await using source = await open(here.path);
    await using sink = await open(there.path);
    const random = new SeededRandom(5);
    const changes = [...editTogether(random, { people: 2, steps: 60 }), attachment()];
    const writer = await source.read(name);
    await source.write(writer, changes);
    await until('the tail is compacted', async () => (await source.head(name)).snapshot !== undefined);
    const heard = changes.slice(0, random.below(changes.length));
    await sink.write(await sink.read(name), heard);
    const [sending, receiving] = [
      source.documents.visit(name, 'automerge'),
      sink.documents.visit(name, 'automerge'),
    ];
    const author = { queued: () => {}, settled: () => {} };
    const unheard = (): Outcome => ({ settled: () => {} });
    for await (const updates of sending.answer(await receiving.request(unheard)))
      await receiving.take(1, updates, author, unheard);
    const wanted = (await sink.engine.version(undefined, changes)).digest();
    await until('it is committed', async () => isSame((await sink.head(name)).digest, wanted));
    await same(sink, changes, changes);
    sending.end();
    receiving.end();
  },
);

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

/** What is stored, and what a new reader and one that has part of it end up with, is exactly these changes. */
async function same(
  replica: Replica,
  held: readonly Uint8Array[],
  inOrder: readonly Uint8Array[],
): Promise<void> {
  const wanted = (await replica.engine.version(undefined, held)).digest();
  const { digest, snapshot, tail } = await replica.head(name);
  expect(digest).toEqual(wanted);
  const stored = tail.flatMap((entry) => entry.updates);
  expect((await replica.engine.version(snapshot?.version, stored)).digest()).toEqual(wanted);
  const content = readAtOnce(held);
  const newcomer = await replica.read(name);
  expect(readAtOnce(told(newcomer))).toEqual(content);
  const heard = inOrder
    .slice(0, inOrder.length / 3)
    .filter((change) => held.some((each) => isSame(each, change)));
  const request = (await replica.engine.version(undefined, heard)).request();
  const returning = await replica.read(name, request);
  expect(readAtOnce([...heard, ...told(returning)])).toEqual(content);
  newcomer.channel.close();
  returning.channel.close();
}

/** One after another they take a second, each time. */
function readAtOnce(updates: readonly Uint8Array[]): ReturnType<typeof readBy> {
  return readBy([Buffer.concat(updates)]);
}

async function evicted(replica: Replica): Promise<void> {
  await until('the document is out of memory', () => replica.documents.count === 0);
}

function told(speaker: RecordingSpeaker): Uint8Array[] {
  return speaker.said.flatMap(({ pieces }) => pieces);
}
