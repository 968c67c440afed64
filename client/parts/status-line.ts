// What the status line says: one line for the three truths that a document's status tells, never more than is true. Pure.
import type { ConnectionState, DocumentStatus, LocalStatus, SyncError } from '../src/index.ts';
import { reasonOf } from './reason.ts';

export interface Line {
  /**
   * `here`: it is on the disk of this replica, and of no other one that it is meant for. `synced`: there is nothing to wait for, and the
   * client does not know what is on disk.
   */
  readonly is:
    'connecting' | 'offline' | 'loading' | 'saving' | 'here' | 'synced' | 'saved' | 'reading' | 'refused';
  readonly text: string;
  /** `on-device`: the changes that it counts are kept on this device; `soon`: the last of them are being written. */
  readonly kept?: 'on-device' | 'soon' | undefined;
  /** What the button beside it says, if there is something to try. */
  readonly retry?: string;
}

/** Where what is shown of a document has come from so far, beside what is typed. */
export interface Origins {
  /** What the server had of it has come at least once. */
  readonly hasLoaded: boolean;
  /** Something of it was kept on this device. */
  readonly wasKept?: boolean;
}

export function lineOf(status: DocumentStatus, origins: Origins): Line {
  return { ...lineWithout(status, origins), kept: keptIn(status) };
}

function lineWithout(status: DocumentStatus, origins: Origins): Line {
  const { connection, uploads, downloads } = status;
  const refusal = refusalIn(status);
  if (refusal) return refused(refusal, status);
  if (downloads.state === 'refused') {
    return { ...refused(downloads.error, status), is: 'offline', retry: 'Try now' };
  }
  if (isOffline(connection)) return { is: 'offline', text: offline(status, origins), retry: 'Try now' };
  if (connection.state !== 'connected' || downloads.state === 'waiting') {
    return {
      is: 'connecting',
      text: uploads.edits > 0 ? `Connecting: ${changes(status)}` : 'Connecting',
    };
  }
  if (downloads.state === 'catching-up' && !origins.hasLoaded)
    return { is: 'loading', text: loading(downloads) };
  if (!uploads.isAllowed) {
    return { is: 'reading', text: `Read only: you may not change this document.${unsaved(status)}` };
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
  if (connection.state === 'rejected' || connection.state === 'needs-token') return connection.error;
  if (downloads.state === 'refused' && downloads.retryAtMs === undefined) return downloads.error;
  return undefined;
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
    case 'needs-token':
    case 'rejected':
      return false;
  }
}

function offline(status: DocumentStatus, { hasLoaded, wasKept = false }: Origins): string {
  const { uploads, local } = status;
  if (uploads.edits > 0) return `Offline: ${changes(status)}`;
  // The server may lack something of which this window no longer knows how many edits it was.
  if (!uploads.isSaved) return `Offline: changes ${where(local)}`;
  if (hasLoaded) return 'Offline: all changes are saved';
  return wasKept ? 'Offline: as this device has it' : 'Offline: the document has not come yet';
}

function refused(error: SyncError, status: DocumentStatus): Line {
  return { is: 'refused', text: `${reasonOf(error)}${unsaved(status)}`, retry: 'Retry' };
}

function unsaved(status: DocumentStatus): string {
  return status.uploads.edits > 0 ? ` Not saved: ${changes(status)}.` : '';
}

function loading({ bytes, received }: { bytes: number; received: number }): string {
  // What is announced is an estimate, and 100 % would be a promise.
  return bytes > 0 ? `Loading: ${Math.min(99, Math.floor((received / bytes) * 100))} %` : 'Loading';
}

function changes({ uploads: { edits }, local }: DocumentStatus): string {
  return edits === 1 ? `1 change ${where(local)}` : `${edits} changes ${where(local)}`;
}

function where(local: LocalStatus): string {
  switch (local.state) {
    case 'memory':
    case 'loading':
      return 'kept here';
    case 'kept':
      return local.isWritten ? 'kept on this device' : 'kept here';
    case 'failed':
      return 'in this window alone';
  }
}

function keptIn({ uploads: { edits }, local }: DocumentStatus): Line['kept'] {
  if (local.state !== 'kept' || edits === 0) return undefined;
  return local.isWritten ? 'on-device' : 'soon';
}

const saved = {
  full: 'Saved on disk',
  normal: 'Saved, though a power cut could still undo it',
};
