// The y-websocket dialect: what stock WebsocketProviders of versions 1 to 3.1 say and understand. One protocol message a
// frame, always: these clients read the first and drop the rest.
import { SyncError } from '@syncline/shared';
import { createDecoder, type Decoder, readVarUint } from 'lib0/decoding';
import { createEncoder, toUint8Array, writeVarString, writeVarUint } from 'lib0/encoding';
import type { Channel } from '../core/channel.ts';
import { maxOutboxBytes } from '../core/limits.ts';
import type { LiveEntry } from '../core/live-entry.ts';
import type { PresenceNews, Speaker } from '../core/speaker.ts';
import type { Outbox } from '../port/outbox.ts';
import type { Session } from '../port/session.ts';
import {
  emptyAnswer,
  emptyPresence,
  entryMessages,
  expectEnd,
  messageType,
  presenceMessage,
  readPresence,
  readSync,
  syncMessage,
  unreadable,
} from './y-protocols.ts';

const permissionDenied = 0;

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
      this.#channel?.close();
      return this.refuse(unreadable(error));
    }
    act();
  }

  keepAlive(): void {
    this.#outbox.send(emptyPresence);
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
    this.#outbox.send(syncMessage('request', request));
  }

  deliver(entry: LiveEntry): void {
    for (const frame of entryMessages(entry)) this.#outbox.send(frame);
  }

  tell(pieces: readonly Uint8Array[]): void {
    for (const piece of pieces) this.#outbox.send(syncMessage('update', piece));
  }

  answered(last: Uint8Array | undefined): void {
    this.#outbox.send(last ? syncMessage('answer', last) : emptyAnswer);
  }

  presence(news: PresenceNews): void {
    this.#outbox.send(presenceMessage(news));
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
      case messageType.sync:
        return this.#readSync(decoder);
      case messageType.presence: {
        const entries = readPresence(decoder);
        return () => this.#channel?.presence(entries);
      }
      case messageType.presenceRequest:
        expectEnd(decoder);
        return () => this.#channel?.presenceRequested();
      default:
        throw new SyncError('bad_frame', `messages of type ${type} are unknown`);
    }
  }

  #readSync(decoder: Decoder): () => void {
    const { kind, body } = readSync(decoder);
    this.hasSpoken = true;
    return kind === 'request' ? () => this.#channel?.requested(body) : () => this.#channel?.update(body);
  }
}

function deniedFrame(reason: string): Uint8Array {
  const frame = createEncoder();
  writeVarUint(frame, messageType.auth);
  writeVarUint(frame, permissionDenied);
  writeVarString(frame, reason);
  return toUint8Array(frame);
}
