// What the Yjs dialects have in common: the bodies of sync and presence messages, as the package y-protocols has them. What goes
// before a body, and which other messages there are, each dialect knows itself.
import { type PresenceEntry, SyncError } from '@syncline/shared';
import { createDecoder, type Decoder, hasContent, readVarUint, readVarUint8Array } from 'lib0/decoding';
import { createEncoder, toUint8Array, writeVarUint, writeVarUint8Array } from 'lib0/encoding';
import { maxPresenceEntriesOfDocument } from '../core/limits.ts';
import type { LiveEntry } from '../core/live-entry.ts';
import type { PresenceNews } from '../core/speaker.ts';

/** The types of message that every dialect numbers alike. */
export const messageType = { sync: 0, presence: 1, auth: 2, presenceRequest: 3 } as const;
const sync = { request: 0, answer: 1, update: 2 } as const;

export type SyncKind = keyof typeof sync;

export interface SyncMessage {
  readonly kind: SyncKind;
  /** A state vector, or an update. */
  readonly body: Uint8Array;
}

/** No entries: data that changes nothing, for clients that close a socket on which no data has come for 30 s. */
export const emptyPresence = Uint8Array.of(messageType.presence, 1, 0);
/** The answer that nothing is lacking. */
export const emptyAnswer = Uint8Array.of(messageType.sync, sync.answer, 2, 0, 0);
/** "null", in bytes: how a client says that it has left. */
const left = Uint8Array.of(0x6e, 0x75, 0x6c, 0x6c);

/** Names what is framed once for all dialects, among what an entry or a change of presence keeps for its readers. */
const common = 'y-protocols';

/** Two bytes of type, the length as LEB128, the body: written in place, for this is done for every entry. */
export function syncMessage(kind: SyncKind, body: Uint8Array): Uint8Array {
  let lengthBytes = 1;
  for (let rest = body.length; rest >= 0x80; rest >>>= 7) lengthBytes++;
  const message = new Uint8Array(2 + lengthBytes + body.length);
  message[0] = messageType.sync;
  message[1] = sync[kind];
  let at = 2;
  let rest = body.length;
  for (; rest >= 0x80; rest >>>= 7) message[at++] = (rest & 0x7f) | 0x80;
  message[at++] = rest;
  message.set(body, at);
  return message;
}

/** The messages of a committed entry, one for each of its pieces. */
export function entryMessages(entry: LiveEntry): readonly Uint8Array[] {
  return entry.encoded(common, ({ pieces }) => pieces.map(({ update }) => syncMessage('update', update)));
}

export function presenceMessage({ entries, frames }: PresenceNews): Uint8Array {
  let message = frames.get(common);
  if (!message) frames.set(common, (message = encodePresence(entries)));
  return message;
}

/** Reads what follows the type, to the end of the frame. Throws `bad_frame`, or what the decoder throws of a frame that ends too early. */
export function readSync(decoder: Decoder): SyncMessage {
  const type = readVarUint(decoder);
  const body = readVarUint8Array(decoder);
  expectEnd(decoder);
  switch (type) {
    case sync.request:
      return { kind: 'request', body };
    case sync.answer:
      return { kind: 'answer', body };
    case sync.update:
      return { kind: 'update', body };
    default:
      throw new SyncError('bad_frame', `sync messages of type ${type} are unknown`);
  }
}

/** As `readSync`, for presence; throws `malformed_presence` as well. */
export function readPresence(decoder: Decoder): PresenceEntry[] {
  const entries = readEntries(createDecoder(readVarUint8Array(decoder)));
  expectEnd(decoder);
  return entries;
}

/** Asked before a message is acted on: a frame that is refused has done nothing. */
export function expectEnd(decoder: Decoder): void {
  if (hasContent(decoder)) throw new SyncError('bad_frame', 'it has bytes after its message');
}

/** What is wrong with a frame, from what reading it threw: whatever the decoder throws says that the frame ends too early. */
export function unreadable(error: unknown): SyncError {
  return error instanceof SyncError ? error : new SyncError('bad_frame', 'it ends too early');
}

function encodePresence(entries: readonly PresenceEntry[]): Uint8Array {
  const body = createEncoder();
  writeVarUint(body, entries.length);
  for (const { client, clock, state } of entries) {
    writeVarUint(body, client);
    writeVarUint(body, clock);
    writeVarUint8Array(body, state ?? left);
  }
  const message = createEncoder();
  writeVarUint(message, messageType.presence);
  writeVarUint8Array(message, toUint8Array(body));
  return toUint8Array(message);
}

function readEntries(decoder: Decoder): PresenceEntry[] {
  const entries: PresenceEntry[] = [];
  try {
    let count = readVarUint(decoder);
    // Before anything is made of it: a frame of 16 MB can announce millions.
    if (count > maxPresenceEntriesOfDocument) {
      throw new SyncError('malformed_presence', `it has more than ${maxPresenceEntriesOfDocument} entries`);
    }
    for (; count > 0; count--) {
      const client = readVarUint(decoder);
      const clock = readVarUint(decoder);
      const state = readVarUint8Array(decoder);
      entries.push({ client, clock, state: isLeft(state) ? undefined : state });
    }
  } catch (error) {
    throw error instanceof SyncError ? error : new SyncError('malformed_presence', 'it ends too early');
  }
  if (hasContent(decoder)) throw new SyncError('malformed_presence', 'it has bytes after its entries');
  return entries;
}

function isLeft(state: Uint8Array): boolean {
  return state.length === left.length && left.every((byte, index) => byte === state[index]);
}
