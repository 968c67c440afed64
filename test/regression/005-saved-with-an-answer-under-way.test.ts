// A document that was not empty when it was opened was called saved while the update that the server had asked for was under
// way: it was counted as the first edit, and `saved` waited for no edit at all, or for those before the one that it was put
// together with on the next connection.
import { SyncedContent } from '@syncline/client/sync/synced-content.ts';
import type { Platform } from '@syncline/client/sync/platform.ts';
import { yjsContent } from '@syncline/client/yjs/content.ts';
import type { Up } from '@syncline/shared';
import { expect, it } from 'vitest';
import { Author } from '../core/core.ts';
import { ManualClock } from '../support/manual-clock.ts';

const server = {
  replica: new Uint8Array(16),
  epoch: new Uint8Array(8),
  durability: 'full',
  maxFrameBytes: 1024 * 1024,
} as const;
const holdsNothing = Uint8Array.of(0);

/** A document with content of its own, whose connection is the test's. */
class Opened {
  readonly said: Up[] = [];
  readonly author = new Author(1);
  readonly content: SyncedContent;
  isSaved = false;

  constructor() {
    this.author.type('before');
    const clock = new ManualClock();
    const platform: Platform = {
      now: () => clock.now(),
      epochMs: () => clock.now(),
      after: (delayMs, action) => {
        const timer = clock.after(delayMs, action);
        return () => timer.cancel();
      },
      fraction: () => 0,
      connect: () => {
        throw new Error('the document has a connection');
      },
      onOnline: () => () => {},
      report: (error) => {
        throw error;
      },
    };
    const link = { platform, rejection: undefined, say: (message: Up) => void this.said.push(message) };
    this.content = new SyncedContent(
      { channel: 1, document: 'notes', content: yjsContent(this.author.document) },
      link,
      { changed: () => {}, presence: () => {}, presenceLost: () => {} },
    );
  }

  save(): void {
    this.content.saved({ tier: 'stored' }).then(
      () => (this.isSaved = true),
      () => {},
    );
  }

  /** The server asks for everything, says what it has, and has not committed what it was sent. */
  answer(): void {
    this.content.heard({ say: 'ask', channel: 1, request: holdsNothing });
    this.content.heard({ say: 'answer', channel: 1, bytes: 0 });
    this.content.heard({ say: 'caughtUp', channel: 1, position: 1, digest: new Uint8Array(0) });
  }

  /** All batches that were said are committed. */
  store(): void {
    const through = Math.max(...this.said.map((message) => (message.say === 'updates' ? message.batch : 0)));
    this.content.heard({ say: 'stored', channel: 1, from: 1, through, sequence: 2, position: 2 });
  }
}

it('[SDK1] saved waits for what the server has asked for, without an edit', async () => {
  const opened = new Opened();
  opened.content.attached(server);
  opened.save();
  opened.answer();
  await new Promise(setImmediate);
  expect(opened.isSaved).toBe(false);
  opened.store();
  await new Promise(setImmediate);
  expect(opened.isSaved).toBe(true);
});

it('[SDK1] saved waits for it when it is put together with a later edit', async () => {
  const opened = new Opened();
  opened.content.attached(server);
  opened.author.type('one');
  opened.save();
  opened.content.heard({ say: 'stored', channel: 1, from: 1, through: 1, sequence: 1, position: 0 });
  opened.author.type('two');
  opened.answer();
  opened.content.detached();
  opened.content.attached(server);
  await new Promise(setImmediate);
  expect(opened.isSaved).toBe(false);
  opened.store();
  await new Promise(setImmediate);
  expect(opened.isSaved).toBe(true);
});
