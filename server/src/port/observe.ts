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
  /** A link to another replica has changed its state, or was refused. */
  | { readonly event: 'link'; readonly peer: string; readonly state: string; readonly reason: string }
  /** Two running replicas have one identity: one of them is a copy, and needs `syncline reidentify`. */
  | { readonly event: 'duplicate-replica'; readonly peer: string }
  /** A replica has less than it had: a backup was put back, or a power cut took commits away. */
  | { readonly event: 'regression'; readonly peer: string; readonly side: 'here' | 'there' }
  /** An audit found documents that differ, and they have been fetched. */
  | { readonly event: 'audit-repaired'; readonly peer: string; readonly documents: number }
  /** A document of another replica cannot be taken in here. */
  | { readonly event: 'document-stuck'; readonly peer: string; readonly reason: string }
  /** What is stored of a document is not what was written. It is repaired as soon as another replica has it. */
  | { readonly event: 'document-damaged'; readonly reason: string }
  /** A damaged document is whole again: what was intact of it here, and what the peer had. So many rows were set aside or missing. */
  | {
      readonly event: 'document-repaired';
      readonly document: number;
      readonly rows: number;
      readonly peer: string;
    }
  /** It stays damaged for now, and is tried again. */
  | { readonly event: 'repair-failed'; readonly reason: string }
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
  /** A document was read through: it is as it was written; it is not, which is told once; it was, and has been repaired. */
  scrubbed(outcome: 'ok' | 'damaged' | 'repaired'): void;
  documentOpened(): void;
  documentEvicted(): void;
  notice(notice: Notice): void;
}
