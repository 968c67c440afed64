// One document of the burst: a writer that keeps a few updates outstanding, and a reader whose receipt is what makes an
// update delivered.
import type { Connection } from './connection.ts';
import { type Typing, heldThrough } from './typing.ts';

/** Updates sent and not yet done, for each writer: a fast typist on a slow line. */
const windowUpdates = 4;

export class Pair {
  readonly #writer: Connection;
  readonly #typing: Typing;
  readonly #sentAt: Float64Array;
  readonly #isAcknowledged: boolean;
  #sent = 0;
  #stored = 0;
  #delivered = 0;
  #goal = 0;
  #reached: () => void = () => {};
  latenciesMs: number[] = [];

  constructor({ writer, reader }: { writer: Connection; reader: Connection }, typing: Typing) {
    this.#writer = writer;
    this.#typing = typing;
    this.#sentAt = new Float64Array(typing.updates.length);
    this.#isAcknowledged = writer.socket.dialect.acknowledges;
    reader.onUpdates = (updates) => this.#deliver(updates);
    writer.onStored = (count) => {
      this.#stored += count;
      this.#goOn();
    };
  }

  /** Sends on, and resolves when the first `goal` updates are done and delivered. */
  typeThrough(goal: number): Promise<void> {
    this.#goal = goal;
    this.latenciesMs = [];
    return new Promise((resolve) => {
      this.#reached = resolve;
      this.#goOn();
    });
  }

  /** Where a writer is told what is stored, that is what it waits for; elsewhere what has been delivered is done. */
  get #done(): number {
    return this.#isAcknowledged ? this.#stored : this.#delivered;
  }

  #goOn(): void {
    const through = Math.min(this.#goal, this.#done + windowUpdates);
    if (through > this.#sent) {
      this.#sentAt.fill(performance.now(), this.#sent, through);
      this.#writer.type(this.#typing.updates.slice(this.#sent, through));
      this.#sent = through;
    }
    if (this.#done === this.#goal && this.#delivered === this.#goal) this.#reached();
  }

  #deliver(updates: readonly Uint8Array[]): void {
    const { client } = this.#typing;
    const now = performance.now();
    for (const update of updates) {
      const through = heldThrough(update, client, this.#delivered);
      for (; this.#delivered < through; this.#delivered += 1) {
        this.latenciesMs.push(now - this.#sentAt[this.#delivered]!);
      }
    }
    this.#goOn();
  }
}
