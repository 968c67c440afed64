// What the server tells of itself while it works. Called on the hot path: an adapter counts, and renders when it is asked.
import type { ErrorCode } from '@syncline/shared';

/** Events that an operator should read, each with a stable code; never with document content. */
export type Notice =
  | { readonly event: 'commit-failed'; readonly reason: string }
  | { readonly event: 'row-corrupt'; readonly reason: string }
  /** A defect: a session was ended for no fault of its own. */
  | { readonly event: 'internal-error'; readonly reason: string }
  | { readonly event: 'document-costly'; readonly document: number; readonly reason: string }
  | { readonly event: 'compaction-failed'; readonly document: number; readonly reason: string }
  | { readonly event: 'update-quarantined'; readonly document: number; readonly updates: number };

export interface Observe {
  connectionOpened(): void;
  connectionClosed(code: number): void;
  frameReceived(bytes: number): void;
  frameSent(bytes: number): void;
  updateAccepted(bytes: number): void;
  /** An update that added nothing to what is held. */
  updateRepeated(): void;
  updateRefused(code: ErrorCode): void;
  gapAsked(): void;
  readerFellBehind(): void;
  committed(seconds: number, updates: number, isCommitted: boolean): void;
  compacted(seconds: number, outcome: 'done' | 'costly' | 'failed'): void;
  documentOpened(): void;
  documentEvicted(): void;
  notice(notice: Notice): void;
}
