// What a channel says to its session; each dialect puts it into its own bytes.
import type { PresenceEntry, SyncError } from '@syncline/shared';
import type { Sequence } from '../port/journal.ts';
import type { EphemeralNews } from './ephemeral.ts';
import type { LiveEntry } from './live-entry.ts';
import type { BatchRange } from './receipts.ts';

/** A change of presence on its way to all sessions of a document: framed once for each dialect. */
export interface PresenceNews {
  readonly entries: readonly PresenceEntry[];
  readonly frames: Map<string, Uint8Array>;
}

export interface Speaker {
  /** Whether more may be said, until the next `await`: others speak through the same outbox. After false, the session calls `Channel.drained` when there is room again. */
  readonly hasRoom: boolean;
  /** For sessions that number what they send and know where they stopped reading. */
  readonly receipts?: ReceiptSpeaker;
  /** Asks the other side for what is missing here. */
  ask(request: Uint8Array): void;
  /** Passes a committed entry on. */
  deliver(entry: LiveEntry): void;
  /** Part of an answer, or of catching up. */
  tell(pieces: readonly Uint8Array[]): void;
  /** The answer is complete with this update, undefined when nothing is left to say: the session stands at a position. */
  answered(last: Uint8Array | undefined, position: Sequence): void;
  presence(news: PresenceNews): void;
  /** Somebody says something to all who have the document open; not for those that know no such messages. */
  ephemeral?(news: EphemeralNews): void;
  /** The channel is over. */
  refuse(error: SyncError): void;
  /** So much more, or less, is kept in memory for what the session has said; for those that speak for several channels. */
  keeps?(bytes: number): void;
  /** Read nothing more from this session until `resume`. */
  pause(): void;
  resume(): void;
}

export interface ReceiptSpeaker {
  /** An answer of at most about so many bytes begins. */
  answering(bytes: number): void;
  /** The position with which the session came is of no use. */
  expired(): void;
  /** Batches are committed, at the latest at a sequence; the session stands at a position, 0 while it is being answered. */
  stored(batches: BatchRange, sequence: Sequence, position: Sequence): void;
  /** The commit of these has failed. */
  again(batches: BatchRange): void;
  /** Whether what the session sends is taken; that it is, is not said at first. */
  access(mayWrite: boolean): void;
  /** The document is not in its first incarnation. */
  incarnation(incarnation: number): void;
  /** What the document held at the position where the session stands. */
  verified(position: Sequence, fingerprint: Uint8Array): void;
}
