// What the client knows, in words: a row for each truth, and none of them more than is true. Pure.
import type {
  ClientStatus,
  ConnectionState,
  DocumentStatus,
  Downloads,
  LossReason,
  TabRole,
} from '../../src/index.ts';
import { reasons } from '../keeping.ts';

export interface Fact {
  readonly name: string;
  readonly text: string;
}

/** `nowMs` is by the platform's clock; `document` is undefined where the name can be no document's. */
export function factsOf(status: ClientStatus, document: DocumentStatus | undefined, nowMs: number): Fact[] {
  const { connection, uploads, downloads, durability, role } = status;
  return [
    { name: 'Connection', text: connectionText(connection, nowMs) },
    { name: 'This window', text: roles[role] },
    { name: 'Not on the server', text: uploadsText(uploads, nowMs) },
    { name: 'Up to date', text: `${downloads.current} of ${counted(downloads.documents, 'document')}` },
    { name: 'Kept on this device', text: durabilityText(durability, nowMs) },
    { name: 'This document', text: document ? documentText(document) : 'not open' },
  ];
}

function connectionText(connection: ConnectionState, nowMs: number): string {
  switch (connection.state) {
    case 'initial':
      return 'not begun';
    case 'connecting':
      return `connecting${attemptText(connection.attempt)}`;
    case 'greeting':
      return `connected, not let in yet${attemptText(connection.attempt)}`;
    case 'connected':
      return `connected to ${replicaText(connection.server.replica)}`;
    case 'waiting':
      return `none: ${losses[connection.reason]}; tries again ${inText(connection.retryAtMs - nowMs)}`;
    case 'needs-token':
    case 'rejected':
      return `refused: ${connection.error.message}`;
    case 'closed':
      return 'closed';
  }
}

const losses: Readonly<Record<LossReason, string>> = {
  unreachable: 'the server cannot be reached',
  silent: 'the server says nothing',
  closed: 'it was cut',
  'token-failed': 'there was no token',
  'token-expired': 'the token ended',
  refused: 'the server has no room at the moment',
};

const roles: Readonly<Record<TabRole, string>> = {
  leader: 'connects for all tabs of this browser',
  follower: 'connects through another tab',
  solo: 'connects by itself',
};

function uploadsText(
  { isSaved, isKept, edits, bytes, oldestMs }: ClientStatus['uploads'],
  nowMs: number,
): string {
  if (isSaved) return 'nothing';
  const since = oldestMs === undefined ? '' : `, for ${seconds(nowMs - oldestMs)}`;
  const what = edits === 0 ? 'something' : `${counted(edits, 'change')}, ${bytesText(bytes)}`;
  return `${what}${since}; ${isKept ? 'all on this device' : 'not all on this device'}`;
}

function durabilityText(durability: ClientStatus['durability'], nowMs: number): string {
  switch (durability.state) {
    case 'memory':
      return 'no';
    case 'opening':
      return 'not known yet';
    case 'kept':
      return 'yes';
    case 'evictable':
      return 'yes, until the browser needs the space';
    case 'failed': {
      const { error, retryAtMs } = durability;
      const again = retryAtMs === undefined ? '' : `; tries again ${inText(retryAtMs - nowMs)}`;
      return `no: ${reasons[error.code]}${again}`;
    }
  }
}

function documentText({ uploads, downloads, local }: DocumentStatus): string {
  const isAllowed = uploads.isAllowed ? '' : ', read only';
  const saved = uploads.isSaved ? 'saved' : counted(uploads.edits, 'change') + ' not saved';
  return `${downloadsText(downloads)}${isAllowed}, ${saved}, ${localText(local)}`;
}

function downloadsText(downloads: Downloads): string {
  switch (downloads.state) {
    case 'waiting':
      return 'waiting for the server';
    case 'catching-up':
      return `loading, ${bytesText(downloads.received)} of about ${bytesText(downloads.bytes)}`;
    case 'current':
      return 'current';
    case 'refused':
      return `refused (${downloads.error.code})`;
  }
}

function localText(local: DocumentStatus['local']): string {
  switch (local.state) {
    case 'memory':
    case 'failed':
      return 'in memory alone';
    case 'loading':
      return 'being read from this device';
    case 'kept':
      return local.isWritten ? 'kept on this device' : 'being kept on this device';
  }
}

/** How people tell servers apart: the beginning of the id. */
function replicaText(replica: Uint8Array): string {
  return hex(replica).slice(0, 8);
}

export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function attemptText(attempt: number): string {
  return attempt === 0 ? '' : `, attempt ${attempt + 1}`;
}

function inText(ms: number): string {
  return ms <= 500 ? 'now' : `in ${seconds(ms)}`;
}

/** A number and its unit stay in one line. */
function seconds(ms: number): string {
  const total = Math.max(0, Math.round(ms / 1_000));
  return total < 120 ? `${total}\u00a0s` : `${Math.round(total / 60)}\u00a0min`;
}

function bytesText(bytes: number): string {
  return bytes < 10_000 ? counted(bytes, 'byte') : `${Math.round(bytes / 1_000)}\u00a0kB`;
}

function counted(count: number, what: string): string {
  return `${count}\u00a0${what}${count === 1 ? '' : 's'}`;
}
