// What one channel and the others of its document tell each other beside the content, and nobody stores: who is present, and messages
// to whoever is there. A slow reader misses some of it, and is told at the end who is there and who has left.
import { maxEphemeralBytes, type PresenceEntry, SyncError } from '@syncline/shared';
import type { Clock } from '../port/clock.ts';
import type { Document } from './document.ts';
import type { Ephemeral, EphemeralNews } from './ephemeral.ts';
import { maxEphemeralNameLength, presenceRate } from './limits.ts';
import type { PresenceNews, Speaker } from './speaker.ts';
import { TokenBucket } from './token-bucket.ts';

export interface ChannelPresenceSettings {
  readonly clock: Clock;
  readonly document: Document;
  /** The channel itself: what comes from it is not told to it. */
  readonly owner: object;
  readonly speaker: Speaker;
}

export class ChannelPresence {
  readonly #settings: ChannelPresenceSettings;
  /** What the session is to be told when it has room: who is present, or also who has left while it had none. */
  #owed: 'nothing' | 'present' | 'recent' = 'nothing';
  #rate: TokenBucket | undefined;
  #isClosed = false;

  constructor(settings: ChannelPresenceSettings) {
    this.#settings = settings;
  }

  /** The session says who is present. Gives how long to wait before what comes behind it, in milliseconds. Throws `malformed_presence`. */
  heard(entries: readonly PresenceEntry[]): number {
    const { clock, document, owner } = this.#settings;
    const waitMs = this.#tooFastBy(entries.length);
    const answers = document.presence.receive(owner, entries, clock.now());
    if (answers.length > 0) this.tell({ entries: answers, frames: new Map() });
    document.presenceChanged();
    return waitMs;
  }

  /** The session says something to all others. Gives how long to wait before what comes behind it, in milliseconds. */
  heardMessage(message: Ephemeral): number {
    const { document, owner } = this.#settings;
    const waitMs = this.#tooFastBy(1);
    document.ephemeral(owner, message);
    return waitMs;
  }

  tell(news: PresenceNews): void {
    const { speaker } = this.#settings;
    if (speaker.hasRoom) speaker.presence(news);
    else this.#owed = 'recent';
  }

  tellMessage(news: EphemeralNews): void {
    const { speaker } = this.#settings;
    if (speaker.hasRoom) speaker.ephemeral?.(news);
  }

  /** The session is told who is present, once it has room: however often it asks meanwhile, once. */
  owe(what: 'present' | 'recent' = 'present'): void {
    if (this.#isClosed) return;
    const { document, speaker } = this.#settings;
    if (!speaker.hasRoom) {
      if (this.#owed === 'nothing') this.#owed = what;
      return;
    }
    this.#owed = 'nothing';
    const entries = document.presence[what]();
    if (entries.length > 0) speaker.presence({ entries, frames: new Map() });
  }

  /** The session has room again. */
  drained(): void {
    if (this.#owed !== 'nothing') this.owe(this.#owed);
  }

  close(): void {
    this.#isClosed = true;
  }

  /** How long the session is to wait after so much presence, or so many messages. */
  #tooFastBy(count: number): number {
    this.#rate ??= new TokenBucket(this.#settings.clock, presenceRate);
    return this.#rate.take(count);
  }
}

/** Throws `ephemeral_too_large`. */
export function expectFits({ sender, session, data }: Ephemeral): void {
  if (data.length > maxEphemeralBytes)
    throw new SyncError('ephemeral_too_large', `it may have ${maxEphemeralBytes} bytes`);
  if (Math.max(sender.length, session.length) > maxEphemeralNameLength)
    throw new SyncError('ephemeral_too_large', 'its sender has too long a name');
}
