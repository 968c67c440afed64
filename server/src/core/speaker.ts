// What a channel says to its session; each dialect puts it into its own bytes.
import type { SyncError } from '@syncline/shared';
import type { LiveEntry } from './live-entry.ts';
import type { PresenceEntry } from './presence.ts';

/** A change of presence on its way to all sessions of a document: framed once for each dialect. */
export interface PresenceNews {
  readonly entries: readonly PresenceEntry[];
  readonly frames: Map<string, Uint8Array>;
}

export interface Speaker {
  /** Whether more may be said. After false, the session calls `Channel.drained` when there is room again. */
  readonly hasRoom: boolean;
  /** Asks the other side for what is missing here. */
  ask(request: Uint8Array): void;
  /** Passes a committed entry on. */
  deliver(entry: LiveEntry): void;
  /** Part of an answer, or of catching up. */
  tell(pieces: readonly Uint8Array[]): void;
  /** The answer is complete with this update; undefined when nothing is left to say. */
  answered(last: Uint8Array | undefined): void;
  presence(news: PresenceNews): void;
  /** The channel is over. */
  refuse(error: SyncError): void;
  /** Read nothing more from this session until `resume`. */
  pause(): void;
  resume(): void;
}
