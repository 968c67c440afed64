// The native protocol as the client SDK speaks it: a greeting, then documents under numbers of the client's choice, and
// batches that are acknowledged.
import {
  type Down,
  downCodec,
  type PresenceEntry,
  protocolVersion,
  type Up,
  upCodec,
} from '@syncline/shared';
import { down } from '@syncline/shared/wire/messages.ts';
import { createDecoder, readVarUint } from 'lib0/decoding';
import * as Y from 'yjs';
import type { Dialect, Heard, Place, Speaker } from './dialect.ts';

/** What becomes one batch in a frame of its own: all that was typed in one turn, merged, as the SDK has it, or each update. */
type Batching = 'turn' | 'update';

const hello: Up = {
  say: 'hello',
  lowestVersion: protocolVersion,
  highestVersion: protocolVersion,
  token: '',
};
const emptyStateVector = Uint8Array.of(0);
/** The hash of no deletions. */
const nothingDeleted = new Uint8Array(8);

export function native(batching: Batching): Dialect {
  return {
    handshake: true,
    acknowledges: true,
    greeting: upCodec.encode(hello),
    url: (server) => server,
    speaker: (place) => new NativeSpeaker(place, batching),
    channelOf(frame) {
      const decoder = createDecoder(frame);
      return readVarUint(decoder) === down.pong.type ? 0 : readVarUint(decoder);
    },
  };
}

class NativeSpeaker implements Speaker {
  readonly #place: Place;
  readonly #batching: Batching;
  /** How many updates are in each batch that is not stored yet, from `#firstBatch` on. */
  readonly #batches: number[] = [];
  #firstBatch = 1;
  #position = 0;

  constructor(place: Place, batching: Batching) {
    this.#place = place;
    this.#batching = batching;
  }

  opening(): Uint8Array[] {
    const { channel, document } = this.#place;
    return [
      upCodec.encode({ say: 'open', channel, document, engine: 'yjs', incarnation: 0, resume: undefined }),
      upCodec.encode({ say: 'compare', channel, request: emptyStateVector, deletions: nothingDeleted }),
    ];
  }

  reopening(): Uint8Array[] {
    const { channel, document, welcome } = this.#place;
    const server = downCodec.decode(welcome!);
    if (server.say !== 'welcome') throw new Error('the server has not said who it is');
    const { replica, epoch } = server;
    const resume = { replica, epoch, position: this.#position, headSeen: this.#position };
    return [upCodec.encode({ say: 'open', channel, document, engine: 'yjs', incarnation: 0, resume })];
  }

  updates(updates: readonly Uint8Array[]): Uint8Array[] {
    return this.#batching === 'turn'
      ? [this.#batch(updates.length > 1 ? [Y.mergeUpdates([...updates])] : updates, updates.length)]
      : updates.map((update) => this.#batch([update], 1));
  }

  presence(entry: PresenceEntry): Uint8Array {
    return upCodec.encode({ say: 'presence', channel: this.#place.channel, entries: [entry] });
  }

  read(frame: Uint8Array): Heard {
    const message = downCodec.decode(frame);
    switch (message.say) {
      case 'updates':
        this.#movedTo(message.position);
        return { is: 'updates', updates: message.updates };
      case 'caughtUp':
        this.#movedTo(message.position);
        return this.#caughtUp(message);
      case 'stored':
        this.#movedTo(message.position);
        return { is: 'stored', count: this.#stored(message) };
      case 'answer':
      case 'presence':
      case 'ephemeral':
      case 'pong':
        return { is: 'other' };
      case 'welcome':
      case 'expired':
      case 'again':
      case 'ask':
      case 'refused':
      case 'access':
      case 'renewed':
      case 'replicated':
      case 'awaiting':
      case 'incarnation':
        throw new Error(`the server said ${message.say}, which ends a measurement`);
    }
  }

  /** A client asks for the digest where it was not told one, and is sure of its document only then. */
  #caughtUp({ channel, digest }: Extract<Down, { say: 'caughtUp' }>): Heard {
    return digest.length === 0
      ? { is: 'question', answer: upCodec.encode({ say: 'verify', channel }) }
      : { is: 'ready', updates: [] };
  }

  /** Part of an answer has no position, which is 0. */
  #movedTo(position: number): void {
    this.#position = Math.max(this.#position, position);
  }

  #batch(updates: readonly Uint8Array[], edits: number): Uint8Array {
    const batch = this.#firstBatch + this.#batches.push(edits) - 1;
    return upCodec.encode({ say: 'updates', channel: this.#place.channel, batch, updates });
  }

  #stored({ from, through }: Extract<Down, { say: 'stored' }>): number {
    if (from !== this.#firstBatch) throw new Error(`batch ${this.#firstBatch} is not stored, and ${from} is`);
    const batches = this.#batches.splice(0, through - from + 1);
    this.#firstBatch = through + 1;
    return batches.reduce((sum, updates) => sum + updates, 0);
  }
}
