// What a client needs of an engine to open documents of it: their content, who is present in them, and what an application is
// given for each. Types alone: whoever opens documents of one engine does not load another.
import type { PresenceEntry } from '@syncline/shared';
import type { Opened } from './open-document.ts';
import type { Content, EngineName } from './sync/content.ts';
import type { Platform } from './sync/platform.ts';

declare const opening: unique symbol;

/** What of the options of `open` is an engine's. */
export interface Given {
  readonly doc?: object | undefined;
  readonly presence?: object | undefined;
}

/** `Open` is how a client opens documents of it: the type of its `open`. */
export interface Engine<Open> {
  readonly [opening]?: Open;
  readonly name: EngineName;
  /** Takes a document of the application's on, or begins a new one where there is none. */
  hold(given: Given, platform: Platform): HeldDocument;
}

/** A document that is open, however often it has been opened. */
export interface HeldDocument {
  readonly content: Content;
  readonly presence: object;
  /** Whether it was begun with the document that is given, if one is. */
  isOf(given: Given): boolean;
  /** As the application may open it again. */
  readonly doc: object;
  /** Says through `say` who is present here. */
  bindPresence(say: (entries: readonly PresenceEntry[]) => void): BoundPresence;
  /** Nobody has it open any more: nobody is present here. */
  leave(): void;
  /** Somebody has it open again. */
  enter(given: Given): void;
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
