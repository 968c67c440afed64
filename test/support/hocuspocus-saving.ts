// Scenarios of a stock Hocuspocus provider: what its count says is saved is on the disk, and what is on the disk it says in the end.
import { strict as assert } from 'node:assert';
import * as Y from 'yjs';
import type { HocuspocusClient } from './hocuspocus-client.ts';
import { documentOf, join, type Scenario } from './hocuspocus-scenario.ts';
import { failedCommits } from './metric.ts';
import { OtherWriter } from './other-writer.ts';
import { ServerProcess, temporaryFolder } from './server.ts';
import { containsAll, storedDocument } from './stored-updates.ts';
import { until } from './until.ts';

const kills = 3;
/** How often the count comes to nought before each. */
const claimsBetween = 8;

/** What a provider's document held when its count last came to nought. */
class Claims {
  count = 0;
  claimed: Uint8Array;

  constructor({ provider, doc }: HocuspocusClient) {
    this.claimed = Y.encodeStateAsUpdate(doc);
    provider.on('unsyncedChanges', () => {
      if (provider.unsyncedChanges > 0) return;
      this.count++;
      this.claimed = Y.encodeStateAsUpdate(doc);
    });
  }
}

/** Types letters, and takes some back, until a condition holds. */
async function typeUntil({ text }: HocuspocusClient, condition: () => boolean): Promise<void> {
  let typed = 0;
  await until('it is so while somebody types', () => {
    text.insert(text.length, String.fromCharCode(97 + (typed++ % 26)));
    if (typed % 5 === 0) text.delete(text.length - 2, 1);
    return condition();
  });
}

export const savingScenarios: readonly Scenario[] = [
  {
    rules: '[HOC2] [DUR2]',
    name: `what hasUnsyncedChanges says is saved is on the disk, at each of ${kills} kills`,
    async run({ version }) {
      using folder = temporaryFolder();
      await using running = {
        server: await ServerProcess.start({ data: folder.path }),
        async [Symbol.asyncDispose]() {
          await this.server.end('SIGKILL');
        },
      };
      using anna = await join({ version, server: running.server }, 'killed');
      const claims = new Claims(anna);
      for (let kill = 1; kill <= kills; kill++) {
        const enough = claims.count + claimsBetween;
        await typeUntil(anna, () => claims.count >= enough && anna.provider.hasUnsyncedChanges);
        await running.server.end('SIGKILL');
        const stored = storedDocument(folder.path, documentOf({ version }, 'killed'));
        assert.ok(containsAll(stored, [claims.claimed]));
        // Without a connection its count grows, and is not nought.
        anna.text.insert(0, 'offline ');
        anna.text.delete(0, 3);
        running.server = await running.server.restart();
        await until('it is connected again', () => anna.socket.connections === kill + 1);
      }
      await anna.saved();
      await running.server.end('SIGKILL');
      const stored = storedDocument(folder.path, documentOf({ version }, 'killed'));
      assert.equal(stored.getText('content').toJSON(), anna.content);
    },
  },
  {
    rules: '[HOC2] [DUR3] [DUR4]',
    name: 'while commits fail its count is not nought, and it is when they are made up for, on the same connection',
    async run({ version }) {
      using folder = temporaryFolder();
      await using server = await ServerProcess.start({ data: folder.path });
      using anna = await join({ version, server }, 'refused');
      using ben = await join({ version, server }, 'refused');
      anna.text.insert(0, 'before');
      await anna.saved();
      using other = new OtherWriter(folder.path);
      other.refuse();
      const from = anna.counts.length;
      anna.text.insert(6, ', while');
      anna.text.insert(0, 'just ');
      await until('commits have failed', async () => (await failedCommits(server)) >= 2);
      anna.text.delete(0, 1);
      await until('more have failed', async () => (await failedCommits(server)) >= 3);
      assert.ok(anna.counts.slice(from).every((count) => count > 0));
      assert.equal(ben.content, 'before');
      other.allow();
      await anna.saved();
      assert.equal(anna.provider.unsyncedChanges, 0);
      await until('ben has it', () => ben.content === 'ust before, while');
      assert.deepEqual([anna.socket.connections, ben.socket.connections], [1, 1]);
      await server.end('SIGKILL');
      const stored = storedDocument(folder.path, documentOf({ version }, 'refused'));
      assert.equal(stored.getText('content').toJSON(), 'ust before, while');
    },
  },
  {
    rules: '[HOC2] [DUR3]',
    name: 'what was typed without a connection is not said to be saved before it is',
    async run({ version }) {
      using folder = temporaryFolder();
      await using server = await ServerProcess.start({ data: folder.path });
      using anna = await join({ version, server }, 'behind');
      anna.text.insert(0, 'before');
      await anna.saved();
      await anna.socket.disconnect();
      for (const letter of ', offline') anna.text.insert(anna.text.length, letter);
      anna.text.delete(0, 1);
      using other = new OtherWriter(folder.path);
      other.refuse();
      const from = anna.counts.length;
      anna.socket.connect();
      await until('a commit has failed', async () => (await failedCommits(server)) >= 1);
      // Of all that it has typed this alone is counted by itself.
      anna.text.insert(anna.text.length, '!');
      await until('one more has failed', async () => (await failedCommits(server)) >= 2);
      assert.ok(anna.counts.slice(from).every((count) => count > 0));
      other.allow();
      await anna.saved();
      // A count that had gone below nought would not grow to one.
      other.refuse();
      anna.text.insert(anna.text.length, '?');
      assert.equal(anna.provider.unsyncedChanges, 1);
      other.allow();
      await anna.saved();
      await server.end('SIGKILL');
      const stored = storedDocument(folder.path, documentOf({ version }, 'behind'));
      assert.equal(stored.getText('content').toJSON(), 'efore, offline!?');
    },
  },
  {
    rules: '[HOC2]',
    name: 'a sync that its app forces counts anew, and comes to nought',
    async run(place) {
      using anna = await join(place, 'forced');
      for (let times = 0; times < 20; times++) {
        anna.text.insert(0, 'x');
        if (times % 4 === 0) anna.provider.forceSync();
        if (times % 3 === 0) await new Promise(setImmediate);
      }
      await anna.saved();
      anna.provider.forceSync();
      assert.equal(anna.provider.unsyncedChanges, 1);
      await anna.saved();
      using ben = await join(place, 'forced');
      assert.equal(ben.content, anna.content);
    },
  },
  {
    rules: '[HOC2]',
    name: 'edits that are sent together are counted together',
    versions: ['4.8'],
    async run(place) {
      using anna = await join(place, 'gathered', { flushDelay: 20 });
      await anna.saved();
      for (const letter of 'gathered') anna.text.insert(anna.text.length, letter);
      assert.equal(anna.provider.unsyncedChanges, 1);
      await anna.saved();
      using ben = await join(place, 'gathered');
      assert.equal(ben.content, 'gathered');
      await anna.socket.disconnect();
      anna.text.insert(0, 'un');
      anna.text.delete(2, 1);
      anna.socket.connect();
      await until('ben has it', () => ben.content === 'unathered');
      await anna.saved();
    },
  },
];
