// What the client needs of the other tabs of its origin: which of them has the socket, and what is typed in them. Types alone.
import type { Platform } from '../sync/platform.ts';

export interface Tabs {
  /** Takes part, until `leave`. Calls nothing of `listener` before it has returned. */
  join(platform: Platform, listener: TabListener): TabMember;
}

/** `solo`: the browser lacks what tabs need to share a socket, or there are no others that could. */
export type TabRole = 'leader' | 'follower' | 'solo';

export interface TabMember {
  /** Another one each time that a page is loaded. */
  readonly name: string;
  readonly role: TabRole;
  /** As a platform's: in the tab that leads, and alone, with a socket of its own; else through the tab that leads. */
  readonly connect: Platform['connect'];
  /** Tells all other tabs what was typed here. */
  tell(edit: TabEdit): void;
  leave(): void;
}

export interface TabListener {
  /** The role has changed: of use is another attempt to connect. */
  roleChanged(): void;
  /** Something was typed in another tab, which keeps it and sends it. */
  edited(edit: TabEdit, tab: string): void;
  /** A tab from which an edit came is gone; what it had not sent is for others to send. */
  left(tab: string): void;
  /** This tab was set aside, and has heard nothing of what was typed meanwhile. */
  returned?(): void;
}

export interface TabEdit {
  readonly document: string;
  readonly engine: string;
  /** Of which incarnation the document is in that tab, 0 if nothing of it came from a server. */
  readonly incarnation: number;
  readonly updates: readonly Uint8Array[];
}
