// One document under a steady load: a writer, readers, and when each update was sent, stored and seen.
import type { Connection } from './connection.ts';
import { heldThrough, type Typing } from './typing.ts';

export interface SteadyClients {
  readonly writer: Connection;
  readonly readers: readonly Connection[];
}

/** When something happened to each update; what has not happened is not a number. */
class Moments {
  readonly ms: Float64Array;
  through = 0;

  constructor(updates: number) {
    this.ms = new Float64Array(updates).fill(NaN);
  }

  reached(through: number): void {
    this.ms.fill(performance.now(), this.through, through);
    this.through = through;
  }
}

export class SteadyDocument {
  readonly #writer: Connection;
  readonly #updates: readonly Uint8Array[];
  readonly #sent: Moments;
  readonly #stored: Moments;
  readonly #seen: readonly Moments[];

  constructor({ writer, readers }: SteadyClients, { client, updates }: Typing) {
    this.#writer = writer;
    this.#updates = updates;
    this.#sent = new Moments(updates.length);
    this.#stored = new Moments(updates.length);
    this.#seen = readers.map(() => new Moments(updates.length));
    writer.onStored = (count) => this.#stored.reached(this.#stored.through + count);
    readers.forEach((reader, index) => {
      const seen = this.#seen[index]!;
      reader.onUpdates = (received) => {
        for (const update of received) seen.reached(heldThrough(update, client, seen.through));
      };
    });
  }

  get sent(): number {
    return this.#sent.through;
  }

  type(): void {
    const { sent } = this;
    this.#sent.reached(sent + 1);
    this.#writer.type([this.#updates[sent]!]);
  }

  /** Whether everything that was sent has been stored, where writers are told, and seen by every reader. */
  get isSettled(): boolean {
    const awaited = this.#writer.socket.dialect.acknowledges ? [this.#stored, ...this.#seen] : this.#seen;
    return awaited.every(({ through }) => through === this.sent);
  }

  /** How long it took from `from` to `to`, for each update from `first` on, and for each reader where it is about them. */
  tookMs(from: 'sent' | 'stored', to: 'stored' | 'seen', first: number): number[] {
    const starts = from === 'sent' ? this.#sent : this.#stored;
    const ends = to === 'stored' ? [this.#stored] : this.#seen;
    return ends.flatMap(({ ms }) =>
      Array.from(ms.subarray(first, this.sent), (endMs, index) => endMs - starts.ms[first + index]!),
    );
  }
}
