// A document of the SDK that is open, whose server is the test.
import type { Platform } from '@syncline/client/sync/platform.ts';
import { SyncedContent } from '@syncline/client/sync/synced-content.ts';
import { yjsContent } from '@syncline/client/yjs/content.ts';
import type { Up } from '@syncline/shared';
import type * as Y from 'yjs';
import { ManualClock } from '../support/manual-clock.ts';

const server = {
  replica: new Uint8Array(16),
  epoch: new Uint8Array(8),
  durability: 'full',
  maxFrameBytes: 1024 * 1024,
} as const;

export class OpenedDocument {
  readonly said: Up[] = [];
  readonly reports: unknown[] = [];
  readonly clock = new ManualClock();
  readonly content: SyncedContent;

  /** The application's, called after every change of the state. */
  onChanged = (): void => {};

  constructor(document: Y.Doc) {
    const { clock } = this;
    const platform: Platform = {
      now: () => clock.now(),
      epochMs: () => clock.now(),
      after: (delayMs, action) => {
        const timer = clock.after(delayMs, action);
        return () => timer.cancel();
      },
      fraction: () => 0.5,
      connect: () => {
        throw new Error('the document has a connection');
      },
      onOnline: () => () => {},
      report: (error) => void this.reports.push(error),
    };
    this.content = new SyncedContent(
      { channel: 1, document: 'notes', content: yjsContent(document) },
      { platform, rejection: undefined, say: (message) => void this.said.push(message) },
      { changed: () => this.onChanged(), presence: () => {}, presenceLost: () => {} },
    );
    this.content.attached(server);
  }

  /** The server has sent everything that it has, and stands at this position. */
  caughtUp(position: number, digest = new Uint8Array(0)): void {
    this.content.heard({ say: 'answer', channel: 1, bytes: 0 });
    this.content.heard({ say: 'caughtUp', channel: 1, position, digest });
  }

  /** The connection is lost and there is another; gives what the document opens with. */
  reopened(): Up {
    this.said.length = 0;
    this.content.detached();
    this.content.attached(server);
    return this.said[0]!;
  }
}
