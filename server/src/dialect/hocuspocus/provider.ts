// The provider at the other end of a conversation, as it is spoken to: puts what is to be said into frames under the address that it uses.
import type { SyncError } from '@syncline/shared';
import type { LiveEntry } from '../../core/live-entry.ts';
import type { PresenceNews } from '../../core/speaker.ts';
import { emptyAnswer, emptyPresence, entryMessages, presenceMessage, syncMessage } from '../y-protocols.ts';
import {
  authenticatedMessage,
  deniedMessage,
  headOf,
  joined,
  presenceRequestMessage,
  rejectedMessage,
  savedMessage,
  statelessMessage,
  tokenRequestMessage,
} from './message.ts';

/** Where the frames go. */
export interface Wire {
  readonly hasRoom: boolean;
  /** What is sent while there is room. */
  send(frame: Uint8Array): void;
  /** What is said whether there is room or not; who does not read it is soon not read either. */
  reply(frame: Uint8Array): void;
}

/** Names this dialect's frames among those that are kept for all readers of a document. */
const dialect = 'hocuspocus';

export class Provider {
  readonly #wire: Wire;
  readonly #head: Uint8Array;
  /** Whether its frames are those of every other provider that has the document open: it uses no session of its own. */
  readonly #isPlain: boolean;
  /** What is sent meanwhile goes out behind the news that it has been let in. */
  #heldBack: Uint8Array[] | undefined;

  constructor(address: string, wire: Wire) {
    this.#wire = wire;
    this.#head = headOf(address);
    this.#isPlain = !address.includes('\0');
  }

  /** Keeps what is sent until `release`. */
  holdBack(): void {
    this.#heldBack = [];
  }

  release(): void {
    const frames = this.#heldBack ?? [];
    this.#heldBack = undefined;
    for (const frame of frames) this.#wire.send(frame);
  }

  authenticated(mayWrite: boolean): void {
    this.#reply(authenticatedMessage(mayWrite));
  }

  denied(error: SyncError): void {
    this.#reply(deniedMessage(`${error.code}: ${error.message}`));
  }

  wantsToken(): void {
    this.#reply(tokenRequestMessage);
  }

  status(isSaved: boolean): void {
    this.#reply(isSaved ? savedMessage : rejectedMessage);
  }

  request(stateVector: Uint8Array): void {
    this.#reply(syncMessage('request', stateVector));
  }

  updates(updates: readonly Uint8Array[]): void {
    for (const update of updates) this.#send(syncMessage('update', update));
  }

  answer(update: Uint8Array | undefined): void {
    this.#send(update ? syncMessage('answer', update) : emptyAnswer);
  }

  /** A committed entry, without what the provider itself has sent. */
  entry(entry: LiveEntry, author: object | undefined): void {
    if (entry.pieces.some((piece) => piece.author === author)) {
      const messages = entryMessages(entry);
      entry.pieces.forEach((piece, index) => {
        if (piece.author !== author) this.#send(messages[index]!);
      });
      return;
    }
    const frame = (message: Uint8Array): Uint8Array => joined(this.#head, message);
    const frames = this.#isPlain
      ? entry.encoded(dialect, () => entryMessages(entry).map(frame))
      : entryMessages(entry).map(frame);
    for (const each of frames) this.#put(each);
  }

  presence(news: PresenceNews): void {
    let frame = this.#isPlain ? news.frames.get(dialect) : undefined;
    frame ??= joined(this.#head, presenceMessage(news));
    if (this.#isPlain) news.frames.set(dialect, frame);
    this.#put(frame);
  }

  wantsPresence(): void {
    this.#send(presenceRequestMessage);
  }

  /** Nothing is stored of it: whoever does not read is left out. */
  stateless(payload: string): void {
    if (this.#wire.hasRoom) this.#send(statelessMessage(payload));
  }

  /** Something that changes nothing, for one that takes silence for a broken link. */
  keepAlive(): void {
    this.#send(emptyPresence);
  }

  #send(message: Uint8Array): void {
    this.#put(joined(this.#head, message));
  }

  #put(frame: Uint8Array): void {
    if (this.#heldBack) this.#heldBack.push(frame);
    else this.#wire.send(frame);
  }

  #reply(message: Uint8Array): void {
    this.#wire.reply(joined(this.#head, message));
  }
}
