// The messages of automerge-repo's WebSocket protocol, one CBOR map a frame: what is read of them, and those that are said.
import { SyncError } from '@syncline/shared';
import { CborReader } from '@syncline/shared/cbor/reader.ts';
import { encodeCbor } from '@syncline/shared/cbor/writer.ts';

/** What stock clients call themselves has about 20 characters; these are keys in memory. */
const maxIdLength = 512;

/** Nothing of this protocol lies deeper than 4. */
const maxDepth = 16;

/** As many as there may be in a list of versions: there is one. */
const maxVersions = 64;

export interface Join {
  readonly type: 'join';
  readonly senderId: string;
  /** Undefined where it says nothing of that, which means the first. */
  readonly versions: readonly string[] | undefined;
}

export interface SyncFrame {
  readonly type: 'sync' | 'request';
  readonly senderId: string;
  readonly documentId: string;
  /** A view into the frame. */
  readonly data: Uint8Array;
}

export interface EphemeralFrame {
  readonly type: 'ephemeral';
  /** The author, who may be somebody behind the client. */
  readonly senderId: string;
  readonly documentId: string;
  readonly sessionId: string;
  readonly count: number;
  /** A view into the frame. */
  readonly data: Uint8Array;
}

/** What is of no use here: gossip about other peers, and what later versions may say. */
export interface OtherFrame {
  readonly type: 'other';
}

export type RepoMessage = Join | SyncFrame | EphemeralFrame | OtherFrame;

/** The fields as far as they are of use, each checked for its kind. */
interface Fields {
  type?: string;
  senderId?: string;
  documentId?: string;
  sessionId?: string;
  count?: number;
  data?: Uint8Array;
  supportedProtocolVersions?: readonly string[];
}

/** Throws `bad_frame`. */
export function readRepoMessage(frame: Uint8Array): RepoMessage {
  const reader = new CborReader(frame);
  const fields: Fields = {};
  reader.map((key) => {
    if (!reader.isNothing()) readField(reader, key, fields);
  });
  if (!reader.isAtEnd) throw new SyncError('bad_frame', 'it has bytes after its message');
  const type = present(fields.type, 'type');
  switch (type) {
    case 'join':
      return { type, senderId: id(fields.senderId, 'senderId'), versions: fields.supportedProtocolVersions };
    case 'sync':
    case 'request':
      return {
        type,
        senderId: id(fields.senderId, 'senderId'),
        documentId: id(fields.documentId, 'documentId'),
        data: present(fields.data, 'data'),
      };
    case 'ephemeral':
      return {
        type,
        senderId: id(fields.senderId, 'senderId'),
        documentId: id(fields.documentId, 'documentId'),
        sessionId: id(fields.sessionId, 'sessionId'),
        count: counted(present(fields.count, 'count')),
        data: present(fields.data, 'data'),
      };
    default:
      return { type: 'other' };
  }
}

function readField(reader: CborReader, key: string, fields: Fields): void {
  switch (key) {
    case 'type':
    case 'senderId':
    case 'documentId':
    case 'sessionId':
      fields[key] = reader.text();
      break;
    case 'count':
      fields.count = reader.number();
      break;
    case 'data':
      fields.data = reader.bytes();
      break;
    case 'supportedProtocolVersions':
      fields.supportedProtocolVersions = readVersions(reader);
      break;
    default:
      reader.skip(maxDepth);
  }
}

function readVersions(reader: CborReader): string[] {
  const versions: string[] = [];
  reader.array(() => {
    if (versions.length === maxVersions) throw new SyncError('bad_frame', 'it speaks too many versions');
    versions.push(reader.text());
  });
  return versions;
}

function present<Value>(value: Value | undefined, name: string): Value {
  if (value === undefined) throw new SyncError('bad_frame', `${name} is missing`);
  return value;
}

function id(value: string | undefined, name: string): string {
  const text = present(value, name);
  if (text.length === 0 || text.length > maxIdLength)
    throw new SyncError('bad_frame', `${name} has not 1 to ${maxIdLength} characters`);
  return text;
}

function counted(count: number): number {
  if (!Number.isSafeInteger(count) || count < 0)
    throw new SyncError('bad_frame', 'count is no number of messages');
  return count;
}

/** Between whom a frame is. */
export interface Ends {
  readonly senderId: string;
  readonly targetId: string;
}

export function peerFrame({ senderId, targetId }: Ends, storageId: string): Uint8Array {
  const peerMetadata = { storageId, isEphemeral: false };
  return encodeCbor({ type: 'peer', senderId, peerMetadata, selectedProtocolVersion: '1', targetId });
}

export function errorFrame({ senderId, targetId }: Ends, message: string): Uint8Array {
  return encodeCbor({ type: 'error', senderId, message, targetId });
}

export function unavailableFrame({ senderId, targetId }: Ends, documentId: string): Uint8Array {
  return encodeCbor({ type: 'doc-unavailable', documentId, targetId, senderId });
}
