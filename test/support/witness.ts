// Watches what the server says to a stock client, below the client's own reading of it.
import { clone, readVarUint, readVarUint8Array } from 'lib0/decoding';
import * as Y from 'yjs';
import { StockClient } from './client.ts';
import { until } from './until.ts';

const sync = 0;
const request = 0;

export class Witness {
  /** Every update that came, as an answer or as news, in order. */
  readonly received: Uint8Array[] = [];
  /** How often the server asked for what it lacks. */
  requests = 0;
  connections = 0;
  readonly closeCodes: number[] = [];
  readonly #clocks = new Map<number, number>();

  /** Is to be made in the turn in which the client was, before anything can have come. */
  constructor({ provider }: StockClient) {
    const handlers = provider.messageHandlers;
    const read = handlers[sync]!;
    handlers[sync] = (encoder, decoder, ...rest) => {
      const ahead = clone(decoder);
      if (readVarUint(ahead) === request) this.requests++;
      else this.#receive(readVarUint8Array(ahead).slice());
      read(encoder, decoder, ...rest);
    };
    provider.on('status', ({ status }) => {
      if (status === 'connected') this.connections++;
    });
    provider.on('connection-close', (event) => {
      if (event) this.closeCodes.push(event.code);
    });
  }

  /** The end of a client's clocks that have come. */
  clockOf(client: number): number {
    return this.#clocks.get(client) ?? 0;
  }

  /** Everything that came since the last call, as one update. */
  takeReceived(): Uint8Array {
    return Y.mergeUpdates(this.received.splice(0));
  }

  #receive(update: Uint8Array): void {
    this.received.push(update);
    for (const { id, length } of Y.decodeUpdate(update).structs) {
      this.#clocks.set(id.client, Math.max(this.clockOf(id.client), id.clock + length));
    }
  }
}

/** A stock client and what the server said to it. */
export class WatchedClient extends StockClient {
  readonly witness = new Witness(this);

  /** The protocol has no other confirmation than that an update comes back. */
  confirmed(author: number): number {
    return this.witness.clockOf(author);
  }
}

/** Passes a cursor each way: what the server sent either of them before has then arrived. */
export async function hearEachOther(anna: StockClient, ben: StockClient): Promise<void> {
  const mark = performance.now();
  for (const { provider } of [anna, ben]) provider.awareness.setLocalStateField('mark', mark);
  const hears = (one: StockClient, other: StockClient): boolean =>
    one.provider.awareness.getStates().get(other.doc.clientID)?.['mark'] === mark;
  await until('each has heard the other', () => hears(anna, ben) && hears(ben, anna));
}
