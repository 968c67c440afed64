// The messages of the Hocuspocus protocol, byte by byte: behind the address of a document comes a type, and what belongs to it.
import { type PresenceEntry, SyncError } from '@syncline/shared';
import {
  createDecoder,
  type Decoder,
  hasContent,
  peekVarUint,
  readVarString,
  readVarUint,
  readVarUint8Array,
} from 'lib0/decoding';
import { createEncoder, toUint8Array, writeVarString, writeVarUint } from 'lib0/encoding';
import {
  emptyPresence,
  expectEnd,
  messageType,
  readPresence,
  readSync,
  type SyncMessage,
  unreadable,
} from '../y-protocols.ts';
import { maxAddressBytes } from './limits.ts';

/** Beside those that all Yjs dialects have. */
const type = { ...messageType, stateless: 5, broadcastStateless: 6, close: 7, syncStatus: 8 } as const;
const auth = { token: 0, denied: 1, authenticated: 2 } as const;

/** What is said of a document, but for its content. */
export type Message =
  | { readonly say: 'sync'; readonly sync: SyncMessage }
  | { readonly say: 'presence'; readonly entries: readonly PresenceEntry[] }
  | { readonly say: 'presenceRequest' }
  /** Versions from 4 on say which they are. */
  | { readonly say: 'token'; readonly token: string; readonly version: string | undefined }
  | { readonly say: 'stateless'; readonly payload: string }
  | { readonly say: 'close' };

/** What is said in a conversation that the provider has been let into. */
export type Said = Exclude<Message, { say: 'token' | 'close' }>;

export interface AddressedMessage {
  readonly address: string;
  readonly message: Message;
}

/** What is said of no document: frames of one byte. */
const ping = 9;
const pong = 10;
export const pongFrame = Uint8Array.of(pong);

/** Says nothing to anybody: the empty address is no document's. With the first frame that a provider hears it sends what it has kept. */
export const greetingFrame = joined(headOf(''), emptyPresence);

/** Reads a frame to its end. Throws `bad_frame`, `bad_document_name` or `malformed_presence`. */
export function readFrame(frame: Uint8Array): AddressedMessage | 'ping' | 'pong' {
  if (frame.length === 1 && frame[0] === ping) return 'ping';
  if (frame.length === 1 && frame[0] === pong) return 'pong';
  try {
    const decoder = createDecoder(frame);
    const address = readAddress(decoder);
    return { address, message: readMessage(decoder) };
  } catch (error) {
    throw unreadable(error);
  }
}

/** What comes before each message under an address. */
export function headOf(address: string): Uint8Array {
  const encoder = createEncoder();
  writeVarString(encoder, address);
  return toUint8Array(encoder);
}

export function joined(head: Uint8Array, message: Uint8Array): Uint8Array {
  const frame = new Uint8Array(head.length + message.length);
  frame.set(head);
  frame.set(message, head.length);
  return frame;
}

/** The document, without the session that a provider may have put behind it. */
export function nameIn(address: string): string {
  const end = address.indexOf('\0');
  return end < 0 ? address : address.slice(0, end);
}

export const tokenRequestMessage = Uint8Array.of(type.auth, auth.token);
export const savedMessage = Uint8Array.of(type.syncStatus, 1);
export const presenceRequestMessage = Uint8Array.of(type.presenceRequest);
export const rejectedMessage = Uint8Array.of(type.syncStatus, 0);

export function authenticatedMessage(mayWrite: boolean): Uint8Array {
  return textMessage([type.auth, auth.authenticated], mayWrite ? 'read-write' : 'readonly');
}

export function deniedMessage(reason: string): Uint8Array {
  return textMessage([type.auth, auth.denied], reason);
}

export function statelessMessage(payload: string): Uint8Array {
  return textMessage([type.stateless], payload);
}

function textMessage(types: readonly number[], text: string): Uint8Array {
  const encoder = createEncoder();
  for (const each of types) writeVarUint(encoder, each);
  writeVarString(encoder, text);
  return toUint8Array(encoder);
}

function readAddress(decoder: Decoder): string {
  const length = peekVarUint(decoder);
  if (length > maxAddressBytes) {
    throw new SyncError('bad_document_name', `its address is longer than ${maxAddressBytes} bytes`);
  }
  return readVarString(decoder);
}

function readMessage(decoder: Decoder): Message {
  const number = readVarUint(decoder);
  switch (number) {
    case type.sync:
      return { say: 'sync', sync: readSync(decoder) };
    case type.presence:
      return { say: 'presence', entries: readPresence(decoder) };
    case type.auth:
      return readToken(decoder);
    case type.presenceRequest:
      return toItsEnd(decoder, { say: 'presenceRequest' });
    case type.stateless:
      return toItsEnd(decoder, { say: 'stateless', payload: readVarString(decoder) });
    case type.close:
      return readClose(decoder);
    case type.broadcastStateless:
      throw new SyncError('bad_frame', 'a broadcast is for servers alone to say');
    default:
      throw new SyncError('bad_frame', `messages of type ${number} are unknown`);
  }
}

function readToken(decoder: Decoder): Message {
  const number = readVarUint(decoder);
  if (number !== auth.token) {
    throw new SyncError('bad_frame', `authentication messages of type ${number} are unknown`);
  }
  const token = readVarString(decoder);
  const version = hasContent(decoder) ? readVarString(decoder) : undefined;
  return toItsEnd(decoder, { say: 'token', token, version });
}

/** A provider says no more than that it leaves; a reason that comes with it is of no use here. */
function readClose(decoder: Decoder): Message {
  if (hasContent(decoder)) readVarUint8Array(decoder);
  return toItsEnd(decoder, { say: 'close' });
}

function toItsEnd(decoder: Decoder, message: Message): Message {
  expectEnd(decoder);
  return message;
}
