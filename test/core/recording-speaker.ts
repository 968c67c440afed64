// A session that keeps what its channel says, and has room as the test decides.
import type { Channel } from '@syncline/server/core/channel.ts';
import type { Ephemeral, EphemeralNews } from '@syncline/server/core/ephemeral.ts';
import type { LiveEntry } from '@syncline/server/core/live-entry.ts';
import type { PresenceNews, Speaker } from '@syncline/server/core/speaker.ts';
import type { PresenceEntry, SyncError } from '@syncline/shared';
import * as Y from 'yjs';

/** What was said, in order: a committed entry, part of an answer or of catching up, or an answer's end. */
export interface Said {
  readonly kind: 'entry' | 'part' | 'answer';
  readonly pieces: readonly Uint8Array[];
}

export class RecordingSpeaker implements Speaker {
  hasRoom = true;
  /** How much may be said before there is no more room. */
  roomFor = Infinity;
  isPaused = false;
  readonly asked: Uint8Array[] = [];
  readonly said: Said[] = [];
  readonly presences: (readonly PresenceEntry[])[] = [];
  readonly ephemerals: Ephemeral[] = [];
  refused: SyncError | undefined;
  /** Set by whoever opens the channel. */
  channel!: Channel;

  ask(request: Uint8Array): void {
    this.asked.push(request);
  }

  deliver(entry: LiveEntry): void {
    this.#say(
      'entry',
      entry.pieces.map(({ update }) => update),
    );
  }

  tell(pieces: readonly Uint8Array[]): void {
    this.#say('part', pieces);
  }

  answered(last: Uint8Array | undefined): void {
    this.#say('answer', last ? [last] : []);
  }

  presence({ entries }: PresenceNews): void {
    this.presences.push(entries);
  }

  ephemeral(news: EphemeralNews): void {
    this.ephemerals.push(news);
  }

  refuse(error: SyncError): void {
    this.refused = error;
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
  }

  /** There is room again, and the session says so. */
  drain(): void {
    this.hasRoom = true;
    this.channel.drained();
  }

  of(kind: Said['kind']): Said[] {
    return this.said.filter((each) => each.kind === kind);
  }

  get saidBytes(): number {
    return this.said.flatMap(({ pieces }) => pieces).reduce((sum, { length }) => sum + length, 0);
  }

  /** What a reader holds that had `start` and has applied everything that was said. */
  document(start?: Uint8Array): Y.Doc {
    const document = new Y.Doc();
    if (start) Y.applyUpdate(document, start);
    for (const { pieces } of this.said) for (const piece of pieces) Y.applyUpdate(document, piece);
    return document;
  }

  get text(): string {
    return this.document().getText('content').toJSON();
  }

  #say(kind: Said['kind'], pieces: readonly Uint8Array[]): void {
    this.said.push({ kind, pieces });
    if (--this.roomFor === 0) this.hasRoom = false;
  }
}
