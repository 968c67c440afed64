// A session of a link that only keeps what it is told.
import type { Outbox } from '@syncline/server/port/outbox.ts';
import type { Session } from '@syncline/server/port/session.ts';
import type { SyncError } from '@syncline/shared';

export class RecordingSession implements Session {
  readonly outbox: Outbox;
  readonly frames: Buffer[] = [];
  readonly ends: SyncError[] = [];
  hasSpoken = false;
  keptAlive = 0;
  isClosed = false;

  constructor(outbox: Outbox) {
    this.outbox = outbox;
  }

  receive(frame: Uint8Array): void {
    this.hasSpoken = true;
    this.frames.push(Buffer.from(frame));
  }

  keepAlive(): void {
    this.keptAlive++;
    this.outbox.send(Uint8Array.of(0));
  }

  drained(): void {}

  end(error: SyncError): void {
    this.ends.push(error);
  }

  closed(): void {
    this.isClosed = true;
  }
}
