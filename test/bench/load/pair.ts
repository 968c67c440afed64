// One document of the burst: a writer that keeps a few updates outstanding, and a reader whose receipt is
// what makes an update delivered.
import type { Connection } from './connection.ts';
import { type Typing, heldThrough } from './typing.ts';

/** Updates sent and not yet delivered, for each writer: a fast typist on a slow line. */
const windowUpdates = 4;

export class Pair {
  readonly #writer: Connection;
  readonly #client: number;
  readonly #frames: readonly Uint8Array[];
  readonly #sentAt: Float64Array;
  #sent = 0;
  #delivered = 0;
  #goal = 0;
  #reached: () => void = () => {};
  latenciesMs: number[] = [];

  constructor({ writer, reader }: { writer: Connection; reader: Connection }, { client, updates }: Typing) {
    this.#writer = writer;
    this.#client = client;
    this.#frames = updates.map((update) => writer.speaker.update(update));
    this.#sentAt = new Float64Array(updates.length);
    reader.onUpdate = (update) => this.#deliver(update);
  }

  /** Sends on, and resolves when the reader has the first `goal` updates. */
  typeThrough(goal: number): Promise<void> {
    this.#goal = goal;
    this.latenciesMs = [];
    return new Promise((resolve) => {
      this.#reached = resolve;
      this.#fill();
    });
  }

  #fill(): void {
    while (this.#sent < this.#goal && this.#sent - this.#delivered < windowUpdates) {
      this.#sentAt[this.#sent] = performance.now();
      this.#writer.send(this.#frames[this.#sent]!);
      this.#sent += 1;
    }
  }

  #deliver(update: Uint8Array): void {
    const through = heldThrough(update, this.#client, this.#delivered);
    const now = performance.now();
    for (; this.#delivered < through; this.#delivered += 1) {
      this.latenciesMs.push(now - this.#sentAt[this.#delivered]!);
    }
    this.#fill();
    if (this.#delivered === this.#goal) this.#reached();
  }
}
