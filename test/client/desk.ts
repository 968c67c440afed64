// A document that is kept on a device and open on a connection, where the test speaks for the server and sees every transaction.
import { Keeper } from '@syncline/client/local/keeper.ts';
import { LocalDocument } from '@syncline/client/local/local-document.ts';
import type { LocalStore } from '@syncline/client/local/store.ts';
import type { DocumentMessage } from '@syncline/client/sync/link.ts';
import type { Platform } from '@syncline/client/sync/platform.ts';
import { SyncedContent } from '@syncline/client/sync/synced-content.ts';
import { webPlatform } from '@syncline/client/web/platform.ts';
import { yjsContent } from '@syncline/client/yjs/content.ts';
import type { Up } from '@syncline/shared';
import * as Y from 'yjs';
import { until } from '../support/until.ts';

/** A store that works again is found soon. */
const platform: Platform = { ...webPlatform, fraction: () => 0.05 };

export function keeperOf(store: LocalStore): Keeper {
  return new Keeper(store, platform, { changed: () => {} });
}

/** Each is called otherwise in what is kept. */
let desks = 0;

export class Desk {
  readonly doc = new Y.Doc();
  readonly synced: SyncedContent;
  readonly local: LocalDocument;
  /** What the server was told. */
  readonly said: Up[] = [];
  readonly #keeper: Keeper;

  constructor(name: string, keeper: Keeper) {
    this.#keeper = keeper;
    const content = yjsContent(this.doc);
    const link = { platform, rejection: undefined, say: (message: Up) => void this.said.push(message) };
    this.synced = new SyncedContent({ channel: 1, document: name, content }, link, {
      changed: () => this.local.heard(),
      edited: (updates) => this.local.edited(updates),
      received: (updates) => this.local.received(updates),
      presence: () => {},
      presenceLost: () => {},
    });
    const { synced } = this;
    const parts = { name, content, synced, keeper, platform, tab: `tab ${++desks}`, changed: () => {} };
    this.local = new LocalDocument(parts);
  }

  attach(): void {
    const server = { replica: new Uint8Array(16), epoch: new Uint8Array(8), maxFrameBytes: 100_000 };
    this.synced.attached({ ...server, durability: 'full' });
  }

  hear(...messages: readonly DocumentMessage[]): void {
    for (const message of messages) this.synced.heard(message);
  }

  /** The server has nothing more, up to there. */
  catchUp(position: number): void {
    const digest = new Uint8Array(0);
    this.hear({ say: 'answer', channel: 1, bytes: 0 }, { say: 'caughtUp', channel: 1, position, digest });
  }

  close(): void {
    this.synced.close();
    this.local.close();
  }

  /** Resolves when the store has taken what was asked for, and what followed from that. */
  async written(): Promise<void> {
    await until('the store takes what it is given', async () => {
      await this.#keeper.flush();
      return this.#keeper.durability.state !== 'failed';
    });
    await this.local.saved();
    await this.local.saved();
  }
}

/** What somebody else has typed. */
export function updateWith(letters: string): Uint8Array {
  const doc = new Y.Doc();
  doc.getText('content').insert(0, letters);
  return Y.encodeStateAsUpdate(doc);
}
