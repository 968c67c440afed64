// Writes where this replica has come to on a source into the commit of what that covers; not into each of very many, for a position
// that is a moment behind is as true.
import type { Sequence } from '../port/journal.ts';
import type { Timer } from '../port/clock.ts';
import type { ReplicationContext } from './context.ts';
import { rememberEveryMs } from './limits.ts';
import type { PeerMemory } from './peer-memory.ts';

export interface CheckpointWriterSettings {
  readonly context: Pick<ReplicationContext, 'clock' | 'memories'>;
  readonly memory: PeerMemory;
  /** How far the source is committed here, or in the commit that begins now; undefined before it has said from where it goes on. */
  readonly drafted: () => Sequence | undefined;
  /** Brings the memory up to that. */
  readonly update: () => void;
}

export class CheckpointWriter {
  readonly #settings: CheckpointWriterSettings;
  #isWriting = false;
  #isClosed = false;
  #timer: Timer | undefined;
  #writtenMs = -Infinity;
  #written = -1;

  constructor(settings: CheckpointWriterSettings) {
    this.#settings = settings;
  }

  /** How far the position was written; -1 where it is to be written again in any case. */
  get written(): Sequence {
    return this.#written;
  }

  /** Something else than the position is to be remembered. */
  again(): void {
    this.#written = -1;
    this.soon();
  }

  /** With the next commit. */
  soon(): void {
    if (this.#isWriting || this.#isClosed) return;
    const { context, memory } = this.#settings;
    const sinceMs = context.clock.now() - this.#writtenMs;
    if (sinceMs < rememberEveryMs) return this.within(rememberEveryMs - sinceMs);
    this.#isWriting = true;
    this.#writtenMs = context.clock.now();
    void context.memories
      .write(memory, () => this.#prepare())
      .catch(() => (this.#written = -1))
      .finally(() => (this.#isWriting = false));
  }

  within(milliseconds: number): void {
    this.#timer ??= this.#settings.context.clock.after(milliseconds, () => {
      this.#timer = undefined;
      this.soon();
    });
  }

  close(): void {
    this.#isClosed = true;
    this.#timer?.cancel();
  }

  #prepare(): boolean {
    this.#isWriting = false;
    const { drafted, update } = this.#settings;
    const position = this.#isClosed ? undefined : drafted();
    // What it is then, it stays.
    if (position === undefined) return true;
    if (position === this.#written) return false;
    this.#written = position;
    update();
    return true;
  }
}
