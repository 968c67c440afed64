// What happens on the path of automerge-repo after a time, under a clock that the test moves.
import * as A from '@automerge/automerge';
import { unavailableAfterMs } from '@syncline/server/dialect/automerge-repo/repo-document.ts';
import { AutomergeEngine } from '@syncline/server/engine/automerge.ts';
import { inboundSilenceMs, socketSweepMs, speakWithinMs } from '@syncline/server/socket/limits.ts';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { Edge } from '../core/edge.ts';
import type { Notes } from '../support/automerge-repo-client.ts';
import { nothingHeld, syncWith, WireRepo } from '../support/automerge-repo-wire.ts';
import { until } from '../support/until.ts';

function openEdge(): Promise<Edge> {
  return Edge.open({ engine: new AutomergeEngine(new Uint8Array(16)) });
}

/** Resolves when what a client has said is heard, and what it was answered has come. */
async function heard(wire: WireRepo): Promise<void> {
  const joined = wire.of('peer').length;
  wire.join();
  await wire.heard('peer', undefined, joined + 1);
}

it('[ARP16] a socket that never joins is closed, and one that has joined stays', async () => {
  await using edge = await openEdge();
  using nobody = await WireRepo.open(edge.automerge, 'nobody');
  using somebody = await WireRepo.join(edge.automerge);
  edge.core.clock.advance(speakWithinMs);
  await heard(somebody);
  expect(nobody.ended).toBeUndefined();
  edge.core.clock.advance(socketSweepMs);
  expect((await nobody.closed).code).toBe(1008);
  // Stock clients say nothing for hours, and answer pings.
  const pinged = once(somebody.socket, 'ping');
  edge.core.clock.advance(inboundSilenceMs + socketSweepMs);
  await pinged;
  await heard(somebody);
  expect(somebody.ended).toBeUndefined();
});

it('[ARP13] a document that nobody has is waited for a while, and sent if it comes', async () => {
  await using edge = await openEdge();
  using anna = await WireRepo.join(edge.automerge, 'anna');
  using ben = await WireRepo.join(edge.automerge, 'ben');
  for (const id of ['never', 'soon', 'late']) ben.sync(id, nothingHeld, 'request');
  await heard(ben);
  const doc = A.from<Notes>({ text: 'hello' });
  anna.sync('soon', syncWith(doc, A.getAllChanges(doc)));
  await ben.heard('sync', 'soon');
  edge.core.clock.advance(unavailableAfterMs - 1);
  await heard(ben);
  expect(ben.of('doc-unavailable')).toEqual([]);
  edge.core.clock.advance(1);
  await ben.heard('doc-unavailable', 'never');
  await ben.heard('doc-unavailable', 'late');
  anna.sync('late', syncWith(doc, A.getAllChanges(doc)));
  await ben.heard('sync', 'late');
  const unavailable = ben.of('doc-unavailable').map(({ documentId }) => documentId);
  expect(new Set(unavailable)).toEqual(new Set(['late', 'never']));
  const [doc2] = A.receiveSyncMessage(A.init<Notes>(), A.initSyncState(), ben.of('sync', 'late')[0]!.data!);
  expect(doc2).toEqual({ text: 'hello' });
});

it('[ARP5] a document that has come to rest is synced as before', async () => {
  await using edge = await openEdge();
  using anna = await WireRepo.join(edge.automerge, 'anna');
  using ben = await WireRepo.join(edge.automerge, 'ben');
  let doc = A.from<Notes>({ text: 'one' });
  anna.sync('notes', syncWith(doc, A.getAllChanges(doc)));
  ben.sync('notes', nothingHeld, 'request');
  await until('both have it', () =>
    [anna, ben].every((wire) => wire.synced('notes').at(-1)?.heads.length === 1),
  );
  ben.sync('notes', syncWith(doc, [], A.getHeads(doc)));
  for (let round = 0; round < 3; round++) {
    for (let second = 0; second < 10; second++) {
      edge.core.clock.advance(1_000);
      await heard(ben);
    }
    const before = ben.of('sync', 'notes').length;
    doc = A.change(doc, (notes) => void (notes.text = `round ${round}`));
    anna.sync('notes', syncWith(doc, [A.getLastLocalChange(doc)!], A.getHeads(doc)));
    await ben.heard('sync', 'notes', before + 1);
    const { heads, changes } = ben.synced('notes').at(-1)!;
    expect(heads).toEqual(A.getHeads(doc));
    expect(changes).toEqual([A.getLastLocalChange(doc)]);
    ben.sync('notes', syncWith(doc, [], A.getHeads(doc)));
  }
});
