// Whatever happens to its connection and to commits: when a stock provider's count comes to nought, all that it has is committed, and it
// comes to nought in the end.
import { keepAliveMs, socketSweepMs } from '@syncline/server/socket/limits.ts';
import { documentName } from '@syncline/shared';
import { strict as assert } from 'node:assert';
import { expect, it } from 'vitest';
import * as Y from 'yjs';
import type { Core } from '../core/core.ts';
import { Edge } from '../core/edge.ts';
import { HocuspocusClient, hocuspocusVersions } from '../support/hocuspocus-client.ts';
import { SeededRandom } from '../support/random.ts';
import { containsAll } from '../support/stored-updates.ts';
import { until } from '../support/until.ts';

const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 31);
const rounds = Number(process.env['COUNT_ROUNDS'] ?? 150);
const document = 'notes';
const retryMs = 2_000;

/** What is committed at the time of the call. */
async function committed({ journal }: Core): Promise<Y.Doc> {
  const head = await journal.head(documentName(document));
  const doc = new Y.Doc();
  for (const { updates } of head?.tail ?? []) for (const update of updates) Y.applyUpdate(doc, update);
  return doc;
}

/** What is in a document, without what was passed on to it before what comes before that. */
function integrated(doc: Y.Doc): Uint8Array {
  const copy = new Y.Doc();
  Y.applyUpdate(copy, Y.encodeStateAsUpdate(doc));
  copy.store.pendingStructs = copy.store.pendingDs = null;
  return Y.encodeStateAsUpdate(copy);
}

/** Holds, whenever the count of a provider is nought, that what it has is committed. */
class Holder {
  readonly #claims: Promise<boolean>[] = [];

  constructor({ doc, provider }: HocuspocusClient, core: Core) {
    provider.on('unsyncedChanges', () => {
      if (provider.unsyncedChanges > 0) return;
      const claimed = integrated(doc);
      this.#claims.push(committed(core).then((there) => containsAll(there, [claimed])));
    });
  }

  /** Gives how often it was. */
  async held(): Promise<number> {
    const claims = await Promise.all(this.#claims);
    assert.ok(claims.every((isTrue) => isTrue));
    return claims.length;
  }
}

it.each(hocuspocusVersions)(
  `[HOC2] @hocuspocus/provider %s: its count says what is true, whatever happens (FUZZ_SEED=${seed})`,
  async (version) => {
    const random = new SeededRandom(seed);
    await using edge = await Edge.open();
    const { core } = edge;
    using anna = await HocuspocusClient.on(edge.hocuspocus, version, { document }).saved();
    using ben = await HocuspocusClient.on(edge.hocuspocus, version, { document }).saved();
    const holders = [anna, ben].map((client) => new Holder(client, core));
    const turn = async (): Promise<void> => {
      core.clock.advance(random.pick([0, 0, 20, 100]));
      for (let times = random.below(8); times > 0; times--) await new Promise(setImmediate);
    };
    const steps: readonly ((client: HocuspocusClient) => void | Promise<void>)[] = [
      ({ text }) => text.insert(random.below(text.length + 1), 'inserted'),
      ({ text }) => text.insert(text.length, 'x'),
      ({ text }) => text.delete(0, Math.min(3, text.length)),
      ({ text }) => text.delete(0, Math.min(1, text.length)),
      async ({ socket, text }) => {
        await socket.disconnect();
        for (let edits = random.below(6); edits > 0; edits--)
          if (random.oneIn(3)) text.delete(0, Math.min(2, text.length));
          else text.insert(0, 'offline');
        socket.connect();
      },
      () => void (core.journal.failures += random.below(3)),
      () => {
        // What was held before would never be let go.
        core.journal.release();
        core.journal.hold();
      },
      () => core.journal.release(),
      () => core.clock.advance(retryMs),
      ({ provider }) => {
        // With something on its way a forced sync forgets what its own count was for.
        if (provider.unsyncedChanges === 0 && provider.synced) provider.forceSync();
      },
    ];
    for (let round = 0; round < rounds; round++) {
      await random.pick(steps)(random.pick([anna, ben]));
      await turn();
    }
    core.journal.failures = 0;
    core.journal.releaseAll();
    const isDone = (): boolean => [anna, ben].every(({ provider }) => !provider.hasUnsyncedChanges);
    await until('both agree', () => {
      core.clock.advance(retryMs);
      return anna.provider.synced && ben.provider.synced && anna.content === ben.content;
    });
    await until('it is said what is owed', () => {
      core.clock.advance(keepAliveMs + socketSweepMs);
      // What version 2 has deleted in the very moment of connecting is in doubt.
      if (version === '2.15')
        for (const { provider } of [anna, ben]) if (provider.hasUnsyncedChanges) provider.forceSync();
      return isDone();
    });
    const held = await Promise.all(holders.map((holder) => holder.held()));
    for (const times of held) expect(times).toBeGreaterThan(0);
    const all = await committed(core);
    expect(all.getText('content').toJSON()).toBe(anna.content);
  },
);
