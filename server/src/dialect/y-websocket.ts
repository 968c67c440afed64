// The y-websocket dialect: what stock WebsocketProviders of versions 1 to 3.1 say and understand. One protocol message a
// frame, always: these clients read the first and drop the rest.
import { type PresenceEntry, SyncError } from '@syncline/shared';
import { createDecoder, type Decoder, hasContent, readVarUint, readVarUint8Array } from 'lib0/decoding';
import { createEncoder, toUint8Array, writeVarString, writeVarUint, writeVarUint8Array } from 'lib0/encoding';
import type { Channel } from '../core/channel.ts';
import { maxOutboxBytes, maxPresenceEntriesOfDocument } from '../core/limits.ts';
import type { LiveEntry } from '../core/live-entry.ts';
import type { PresenceNews, Speaker } from '../core/speaker.ts';
import type { Outbox } from '../port/outbox.ts';
import type { Session } from '../port/session.ts';

const message = { sync: 0, presence: 1, auth: 2, presenceRequest: 3 } as const;
const permissionDenied = 0;
const sync = { request: 0, answer: 1, update: 2 } as const;

/** Names this dialect's frames among those that an entry keeps for all its readers. */
const dialect = 'y-websocket';

/** No entries: data that changes nothing, for clients that close a socket on which no data has come for 30 s. */
const keepAlive = Uint8Array.of(message.presence, 1, 0);
const emptyAnswer = Uint8Array.of(message.sync, sync.answer, 2, 0, 0);
/** "null", in bytes: how a client says that it has left. */
const left = Uint8Array.of(0x6e, 0x75, 0x6c, 0x6c);

/** One socket of this dialect, which has one document open. */
export class YWebsocketSession implements Session, Speaker {
  readonly #outbox: Outbox;
  #channel: Channel | undefined;
  /** Whether the other side has said what it has. */
  hasSpoken = false;

  constructor(outbox: Outbox) {
    this.#outbox = outbox;
  }

  begin(channel: Channel): void {
    this.#channel = channel;
  }

  /** One frame from the socket. What cannot be read ends the session with a code. */
  receive(frame: Uint8Array): void {
    let act: () => void;
    try {
      act = this.#read(createDecoder(frame));
    } catch (error) {
      // Whatever the decoder throws says that the frame ends too early.
      const refusal = error instanceof SyncError ? error : new SyncError('bad_frame', 'it ends too early');
      this.#channel?.close();
      return this.refuse(refusal);
    }
    act();
  }

  keepAlive(): void {
    this.#outbox.send(keepAlive);
  }

  drained(): void {
    this.#channel?.drained();
  }

  end(): void {
    this.#channel?.close();
  }

  closed(): void {
    this.#channel?.close();
  }

  get hasRoom(): boolean {
    return this.#outbox.bufferedBytes < maxOutboxBytes;
  }

  ask(request: Uint8Array): void {
    this.#outbox.send(syncFrame(sync.request, request));
  }

  deliver(entry: LiveEntry): void {
    for (const frame of entry.encoded(dialect, updateFrames)) this.#outbox.send(frame);
  }

  tell(pieces: readonly Uint8Array[]): void {
    for (const piece of pieces) this.#outbox.send(updateFrame(piece));
  }

  answered(last: Uint8Array | undefined): void {
    this.#outbox.send(last ? syncFrame(sync.answer, last) : emptyAnswer);
  }

  presence(news: PresenceNews): void {
    let frame = news.frames.get(dialect);
    if (!frame) news.frames.set(dialect, (frame = presenceFrame(news.entries)));
    this.#outbox.send(frame);
  }

  refuse(error: SyncError): void {
    // What stock clients tell their application; the close code is what keeps them from trying again.
    if (error.code === 'forbidden') this.#outbox.send(deniedFrame(error.message));
    this.#outbox.close(error.close, error.message);
  }

  pause(): void {
    this.#outbox.pause();
  }

  resume(): void {
    this.#outbox.resume();
  }

  /** Reads the one message of a frame to its end, and gives what is to be done about it. */
  #read(decoder: Decoder): () => void {
    const type = readVarUint(decoder);
    switch (type) {
      case message.sync:
        return this.#readSync(decoder);
      case message.presence: {
        const entries = readPresence(createDecoder(readVarUint8Array(decoder)));
        expectEnd(decoder);
        return () => this.#channel?.presence(entries);
      }
      case message.presenceRequest:
        expectEnd(decoder);
        return () => this.#channel?.presenceRequested();
      default:
        throw new SyncError('bad_frame', `messages of type ${type} are unknown`);
    }
  }

  #readSync(decoder: Decoder): () => void {
    const type = readVarUint(decoder);
    const body = readVarUint8Array(decoder);
    expectEnd(decoder);
    this.hasSpoken = true;
    switch (type) {
      case sync.request:
        return () => this.#channel?.requested(body);
      case sync.answer:
      case sync.update:
        return () => this.#channel?.update(body);
      default:
        throw new SyncError('bad_frame', `sync messages of type ${type} are unknown`);
    }
  }
}

/** Asked before a message is acted on: a frame that is refused has done nothing. */
function expectEnd(decoder: Decoder): void {
  if (hasContent(decoder)) throw new SyncError('bad_frame', 'it has bytes after its message');
}

/** Two bytes of type, the length as LEB128, the body: written in place, for this is done for every entry. */
function syncFrame(type: number, body: Uint8Array): Uint8Array {
  let lengthBytes = 1;
  for (let rest = body.length; rest >= 0x80; rest >>>= 7) lengthBytes++;
  const frame = new Uint8Array(2 + lengthBytes + body.length);
  frame[0] = message.sync;
  frame[1] = type;
  let at = 2;
  let rest = body.length;
  for (; rest >= 0x80; rest >>>= 7) frame[at++] = (rest & 0x7f) | 0x80;
  frame[at++] = rest;
  frame.set(body, at);
  return frame;
}

function updateFrames(entry: LiveEntry): Uint8Array[] {
  return entry.pieces.map(({ update }) => updateFrame(update));
}

function updateFrame(update: Uint8Array): Uint8Array {
  return syncFrame(sync.update, update);
}

function deniedFrame(reason: string): Uint8Array {
  const frame = createEncoder();
  writeVarUint(frame, message.auth);
  writeVarUint(frame, permissionDenied);
  writeVarString(frame, reason);
  return toUint8Array(frame);
}

function presenceFrame(entries: readonly PresenceEntry[]): Uint8Array {
  const body = createEncoder();
  writeVarUint(body, entries.length);
  for (const { client, clock, state } of entries) {
    writeVarUint(body, client);
    writeVarUint(body, clock);
    writeVarUint8Array(body, state ?? left);
  }
  const frame = createEncoder();
  writeVarUint(frame, message.presence);
  writeVarUint8Array(frame, toUint8Array(body));
  return toUint8Array(frame);
}

function readPresence(decoder: Decoder): PresenceEntry[] {
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
