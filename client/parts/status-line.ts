// What the status line says: one line for the three truths that a document's status tells, never more than is true. Pure.
import type { ConnectionState, DocumentStatus, SyncError } from '../src/index.ts';
import { reasonOf } from './reason.ts';

export interface Line {
  /** `here`: it is on the disk of this replica, and of no other one that it is meant for. */
  readonly is: 'connecting' | 'offline' | 'loading' | 'saving' | 'here' | 'saved' | 'reading' | 'refused';
  readonly text: string;
  /** What the button beside it says, if there is something to try. */
  readonly retry?: string;
}

/** `hasLoaded` says that what the server had of the document has come at least once. */
export function lineOf(status: DocumentStatus, hasLoaded: boolean): Line {
  const { connection, uploads, downloads } = status;
  const refusal = refusalIn(status);
  if (refusal) return refused(refusal, uploads.edits);
  if (downloads.state === 'refused') {
    return { ...refused(downloads.error, uploads.edits), is: 'offline', retry: 'Try now' };
  }
  if (isOffline(connection)) return { is: 'offline', text: offline(status, hasLoaded), retry: 'Try now' };
  if (connection.state !== 'connected' || downloads.state === 'waiting') {
    return {
      is: 'connecting',
      text: uploads.edits > 0 ? `Connecting: ${kept(uploads.edits)}` : 'Connecting',
    };
  }
  if (downloads.state === 'catching-up' && !hasLoaded) return { is: 'loading', text: loading(downloads) };
  if (!uploads.isAllowed) {
    return { is: 'reading', text: `Read only: you may not change this document.${unsaved(uploads.edits)}` };
  }
  if (!uploads.isSaved) return { is: 'saving', text: 'Saving' };
  if (downloads.state === 'catching-up') return { is: 'loading', text: loading(downloads) };
  return { is: 'saved', text: saved[connection.server.durability] };
}

/** Whether what is typed could be sent, now or when there is a connection. */
export function mayType(status: DocumentStatus): boolean {
  return status.uploads.isAllowed && !refusalIn(status);
}

/** What the server will not have, unless somebody mends it. */
function refusalIn({ connection, downloads }: DocumentStatus): SyncError | undefined {
  if (connection.state === 'rejected') return connection.error;
  if (downloads.state === 'refused' && downloads.retryAtMs === undefined) return downloads.error;
  return undefined;
}

/** Whether edits would be lost with the window that nobody is being sent. */
export function isLosing(status: DocumentStatus): boolean {
  const isConnected = status.connection.state === 'connected' && status.downloads.state !== 'refused';
  return !status.uploads.isSaved && !(isConnected && status.uploads.isAllowed);
}

/** A lost connection stays offline through every further attempt, so that the line does not flicker. */
function isOffline(connection: ConnectionState): boolean {
  switch (connection.state) {
    case 'waiting':
    case 'closed':
      return true;
    case 'connecting':
    case 'greeting':
      return connection.attempt > 0;
    case 'initial':
    case 'connected':
    case 'rejected':
      return false;
  }
}

function offline({ uploads }: DocumentStatus, hasLoaded: boolean): string {
  if (uploads.edits > 0) return `Offline: ${kept(uploads.edits)}`;
  // The server may lack something of which this window no longer knows how many edits it was.
  if (!uploads.isSaved) return 'Offline: changes kept here';
  return hasLoaded ? 'Offline: all changes are saved' : 'Offline: the document has not come yet';
}

function refused(error: SyncError, edits: number): Line {
  return { is: 'refused', text: `${reasonOf(error)}${unsaved(edits)}`, retry: 'Retry' };
}

function unsaved(edits: number): string {
  return edits > 0 ? ` Not saved: ${kept(edits)}.` : '';
}

function loading({ bytes, received }: { bytes: number; received: number }): string {
  // What is announced is an estimate, and 100 % would be a promise.
  return bytes > 0 ? `Loading: ${Math.min(99, Math.floor((received / bytes) * 100))} %` : 'Loading';
}

function kept(edits: number): string {
  return edits === 1 ? '1 change kept here' : `${edits} changes kept here`;
}

const saved = {
  full: 'Saved on disk',
  normal: 'Saved, though a power cut could still undo it',
};
