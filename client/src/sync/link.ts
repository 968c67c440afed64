// Between an open document and its connection: what the one says and hears, and whom it tells.
import { type Down, isErrorCode, type PresenceEntry, SyncError, type Up } from '@syncline/shared';
import type { Platform } from './platform.ts';

/** What the server says of one document. */
export type DocumentMessage = Exclude<Down, { say: 'welcome' | 'renewed' | 'pong' }>;

/** What a document needs of its connection. */
export interface Link {
  readonly platform: Platform;
  /** Why the server will not have us, which only the application can mend. */
  readonly rejection: SyncError | undefined;
  /** Says something if there is a connection, and nothing otherwise. */
  say(message: Up): void;
}

/** What somebody says to all who have a document open. */
export type EphemeralMessage = Omit<Extract<Up, { say: 'ephemeral' }>, 'say' | 'channel'>;

export interface ContentListener {
  /** Something of its state has changed. */
  changed(): void;
  /** Something was typed here. */
  edited?(updates: readonly Uint8Array[]): void;
  /** Something has come from a server, and is in the content. */
  received?(updates: readonly Uint8Array[]): void;
  presence(entries: readonly PresenceEntry[]): void;
  /** What was heard is of an earlier connection: whoever is present is said again on this one. */
  presenceLost(): void;
  /** Somebody says something to all who have the document open. */
  ephemeral?(message: EphemeralMessage): void;
}

/** The error that a message tells of. What a newer server calls by a name that is not known here is tried again. */
export function refusalOf({ code, detail }: Extract<Down, { say: 'refused' }>): SyncError {
  return isErrorCode(code) ? new SyncError(code, detail) : new SyncError('internal', `${code}: ${detail}`);
}
