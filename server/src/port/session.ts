// One connected client as the socket edge sees it: frames in, and the edge's own observations.
import type { SyncError } from '@syncline/shared';

export interface Session {
  /** Whether the client has begun the conversation that its path is for. */
  readonly hasSpoken: boolean;
  receive(frame: Uint8Array): void;
  /** Sends data that changes nothing, for a client that takes silence for a broken link. */
  keepAlive(): void;
  /** The outbox, after it was full, has room. */
  drained(): void;
  /** The session is over for a reason that the edge has found; the socket is closed after it. */
  end(error: SyncError): void;
  /** The socket is gone. */
  closed(): void;
}
