// What a raw client needs to know of a wire protocol: the frames it sends, and what a received frame carries.
// No Y.Doc here, so that the cost of a client does not grow with its document.
import type { PresenceEntry } from '@syncline/shared';

export interface Dialect {
  /** Whether a server answers the opening of a document; where none does, an open socket is a ready one. */
  readonly handshake: boolean;
  /** Whether a writer is told what is stored; where none is, what has reached a reader is done. */
  readonly acknowledges: boolean;
  /** What a socket says before anything of a document. The first frame that comes then answers it. */
  readonly greeting: Uint8Array | undefined;
  url(server: string, document: string): string;
  speaker(place: Place): Speaker;
  /** The channel that a frame is about, 0 where it is the socket as a whole. */
  channelOf(frame: Uint8Array): number;
}

/** Where a document is open. */
export interface Place {
  readonly document: string;
  /** From 1 on: tells the documents of a socket apart, for dialects that can have several on one. */
  readonly channel: number;
  /** What answered the greeting. */
  readonly welcome: Uint8Array | undefined;
}

/** The frames of one document on one socket. */
export interface Speaker {
  /** What the stock client sends when its socket is there, for an empty document. */
  opening(): Uint8Array[];
  /** What it sends on its next socket if nothing has been typed, for a document that it still has. */
  reopening?(): Uint8Array[];
  /** What was typed in one turn, in as many frames as the stock client makes of it. */
  updates(updates: readonly Uint8Array[]): Uint8Array[];
  presence(entry: PresenceEntry): Uint8Array;
  read(frame: Uint8Array): Heard;
}

export type Heard =
  | { readonly is: 'question'; readonly answer: Uint8Array }
  | { readonly is: 'updates'; readonly updates: readonly Uint8Array[] }
  /** The client holds what the server held. */
  | { readonly is: 'ready'; readonly updates: readonly Uint8Array[] }
  /** So many more of the updates that this side sent are on the disk. */
  | { readonly is: 'stored'; readonly count: number }
  | { readonly is: 'other' };
