// What is said of documents before their provider is let in: kept in order, within bounds that all documents of a socket have in common,
// and all sockets.
import { maxWaitingBytes, maxWaitingBytesInAll, maxWaitingMessages } from './limits.ts';
import type { Said } from './message.ts';

/** A message, and whether it came at once behind the one before. */
export interface Kept {
  readonly message: Said;
  readonly isAtOnce: boolean;
}

/** What a message keeps in memory beside its bytes. */
const messageBytes = 128;

/** What is kept for all sockets, or for one. */
export class WaitingRoom {
  readonly #building: WaitingRoom | undefined;
  readonly #maxBytes: number;
  #bytes = 0;
  #messages = 0;

  /** `building` is what it is a part of. */
  constructor(building?: WaitingRoom) {
    this.#building = building;
    this.#maxBytes = building ? maxWaitingBytes : maxWaitingBytesInAll;
  }

  hasRoomFor(bytes: number): boolean {
    if (this.#building && this.#messages >= maxWaitingMessages) return false;
    return this.#bytes + bytes <= this.#maxBytes && (this.#building?.hasRoomFor(bytes) ?? true);
  }

  keep(bytes: number, messages: number): void {
    this.#bytes += bytes;
    this.#messages += messages;
    this.#building?.keep(bytes, messages);
  }
}

/** Of one document. */
export class Waiting {
  readonly #room: WaitingRoom;
  #messages: Kept[] = [];
  #bytes = 0;

  constructor(room: WaitingRoom) {
    this.#room = room;
  }

  /** Keeps a message that came in so many bytes; gives whether there was room. */
  add({ message, isAtOnce }: Kept, frameBytes: number): boolean {
    const bytes = frameBytes + messageBytes;
    if (!this.#room.hasRoomFor(bytes)) return false;
    this.#room.keep(bytes, 1);
    this.#bytes += bytes;
    this.#messages.push({ message: copied(message), isAtOnce });
    return true;
  }

  /** Gives everything, and keeps none of it. */
  take(): readonly Kept[] {
    const messages = this.#messages;
    this.#room.keep(-this.#bytes, -messages.length);
    this.#messages = [];
    this.#bytes = 0;
    return messages;
  }
}

/** Its bytes are a view of a socket's whole read buffer. */
function copied(message: Said): Said {
  switch (message.say) {
    case 'sync':
      return { say: 'sync', sync: { ...message.sync, body: message.sync.body.slice() } };
    case 'presence': {
      const entries = message.entries.map((entry) => ({ ...entry, state: entry.state?.slice() }));
      return { say: 'presence', entries };
    }
    case 'presenceRequest':
    case 'stateless':
      return message;
  }
}
