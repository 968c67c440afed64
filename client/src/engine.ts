// What a client needs of an engine to open documents of it: their content, who is present in them, and what an application is
// given for each. Types alone: whoever opens documents of one engine does not load another.
import type { PresenceEntry } from '@syncline/shared';
import type { Opened } from './open-document.ts';
import type { Content, EngineName } from './sync/content.ts';
import type { Platform } from './sync/platform.ts';

declare const opening: unique symbol;

/** `Open` is how a client opens documents of it: the type of its `open`. */
export interface Engine<Open> {
  readonly [opening]?: Open;
  readonly name: EngineName;
  /** Takes a document of the application's on, or begins a new one where that is undefined. */
  hold(doc: unknown, platform: Platform): HeldDocument;
}

/** A document that is open, however often it has been opened. */
export interface HeldDocument {
  readonly content: Content;
  readonly presence: { setLocalState(state: Record<string, unknown> | null): void };
  /** Whether it was begun with this document of the application's. */
  isOf(doc: unknown): boolean;
  /** As the application may open it again. */
  readonly doc: object;
  /** Says through `say` who is present here. */
  bindPresence(say: (entries: readonly PresenceEntry[]) => void): BoundPresence;
  /** What one of those who open it is given. */
  opened(opened: Opened): Disposable;
}

export interface BoundPresence {
  heard(entries: readonly PresenceEntry[]): void;
  /**
   * There is a new connection. Of the others nothing is known: they are said again on it. What is said here is said with the next clock,
   * for clients of y-websocket forget whom they have lost and not the clock under which that was.
   */
  beginAnew(): void;
  end(): void;
}
