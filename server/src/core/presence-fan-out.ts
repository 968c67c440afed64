// Passes a document's presence on to its members: what changes within a tick is sent once.
import type { Clock, Timer } from '../port/clock.ts';
import { presenceTickMs } from './limits.ts';
import { type OwnedPresence, Presence } from './presence.ts';
import type { PresenceNews } from './speaker.ts';

/** Who is told. The object itself is the owner of the entries that it sent. */
export interface PresenceMember {
  presenceChanged(news: PresenceNews): void;
}

export class PresenceFanOut {
  readonly presence = new Presence();
  readonly #clock: Clock;
  readonly #members: ReadonlySet<PresenceMember>;
  readonly #onChanges: (changes: readonly OwnedPresence[]) => void;
  #timer: Timer | undefined;

  constructor(
    clock: Clock,
    members: ReadonlySet<PresenceMember>,
    onChanges: (changes: readonly OwnedPresence[]) => void,
  ) {
    this.#clock = clock;
    this.#members = members;
    this.#onChanges = onChanges;
  }

  /** Something has been taken in. */
  changed(): void {
    if (!this.presence.hasChanges) return;
    this.#timer ??= this.#clock.after(presenceTickMs, () => {
      this.#timer = undefined;
      this.#send();
    });
  }

  expire(nowMs: number): void {
    this.presence.expire(nowMs);
    this.changed();
  }

  leave(member: PresenceMember): void {
    this.presence.leave(member);
    this.changed();
  }

  stop(): void {
    this.#timer?.cancel();
  }

  #send(): void {
    const changes = this.presence.takeChanges();
    if (changes.length === 0) return;
    const news = { entries: changes, frames: new Map<string, Uint8Array>() };
    for (const member of this.#members) {
      if (changes.some(({ owner }) => owner !== member)) member.presenceChanged(news);
    }
    this.#onChanges(changes);
  }
}
