// What is remembered of another replica, in the same file as the documents: where this one has come to on it, and what that
// one has said. A file that is put back to an earlier state has the memory of that time, which is as true of it.
import { createDecoder, readAny } from 'lib0/decoding';
import { createEncoder, toUint8Array, writeAny } from 'lib0/encoding';
import type { Journal, Sequence } from '../port/journal.ts';
import { drainedPoints } from './limits.ts';
import type { AtSource } from './lives.ts';
import type { Checkpoint } from './messages.ts';
import { bytesOfHex, hexOf } from './replica-id.ts';

export interface StuckDocument {
  readonly document: string;
  /** Of the error with which it could not be taken in. */
  readonly code: string;
  /** At the source, when it was told. */
  readonly life: AtSource;
}

/** What is written of one replica. */
interface Remembered {
  name: string;
  /** An operator has said that it is gone for good. */
  isForgotten: boolean;
  checkpoint: Checkpoint | undefined;
  /** Checkpoints at which there was nothing more to read: the k-th in the place of the last that is as even as k. */
  drained: (Checkpoint | undefined)[];
  drains: number;
  stuck: StuckDocument[];
  /** What it last said that it has committed of this replica, and when, in milliseconds since 1970. */
  acked: { epoch: Uint8Array; sequence: Sequence; wallMs: number } | undefined;
  /** What is held of it here, and when it was there, in milliseconds since 1970. */
  held: { epoch: Uint8Array; sequence: Sequence; wallMs: number } | undefined;
}

export class PeerMemory implements Remembered {
  readonly replica: Uint8Array;
  name = '';
  isForgotten = false;
  checkpoint: Checkpoint | undefined;
  drained: (Checkpoint | undefined)[] = [];
  drains = 0;
  stuck: StuckDocument[] = [];
  acked: Remembered['acked'];
  held: Remembered['held'];

  constructor(replica: Uint8Array) {
    this.replica = replica;
  }

  /** Where it is worth asking whether the source still knows, best first. */
  get candidates(): Checkpoint[] {
    const drained = this.drained.filter((point) => point !== undefined);
    drained.sort((a, b) => b.position - a.position);
    return [...(this.checkpoint ? [this.checkpoint] : []), ...drained];
  }

  /** Everything of the source has been read: a point to come back to when the source goes back to an earlier state. */
  wasDrained(checkpoint: Checkpoint): void {
    // To begin at the beginning costs more than to compare.
    if (checkpoint.position === 0) return;
    this.drains++;
    const evenness = 31 - Math.clz32(this.drains & -this.drains);
    this.drained[Math.min(evenness, drainedPoints - 1)] = checkpoint;
  }
}

export class PeerMemories {
  readonly #journal: Journal;
  readonly #known = new Map<string, PeerMemory>();
  readonly forgotten = new Set<string>();

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  async read(): Promise<void> {
    for (const { key, value } of await this.#journal.memories()) {
      const memory = this.of(hexOf(key));
      Object.assign(memory, readAny(createDecoder(value)) as Partial<Remembered>);
      if (memory.isForgotten) this.forgotten.add(hexOf(key));
    }
  }

  get all(): Iterable<PeerMemory> {
    return this.#known.values();
  }

  of(replica: string): PeerMemory {
    let memory = this.#known.get(replica);
    if (!memory) {
      memory = new PeerMemory(bytesOfHex(replica));
      this.#known.set(replica, memory);
    }
    return memory;
  }

  /** Writes it with the next commit; `prepare` brings it up to date when that begins, or says that nothing is to be written. */
  async write(memory: PeerMemory, prepare: () => boolean = () => true): Promise<void> {
    await this.#journal.remember(memory.replica, () => (prepare() ? encode(memory) : undefined));
  }

  /** Not to be heard of any more, unless it comes by itself. */
  async forget(replica: string): Promise<void> {
    this.#known.delete(replica);
    this.forgotten.add(replica);
    const memory = new PeerMemory(bytesOfHex(replica));
    memory.isForgotten = true;
    await this.write(memory);
  }

  /** It has come by itself. */
  came(replica: string): PeerMemory {
    this.forgotten.delete(replica);
    const memory = this.of(replica);
    memory.isForgotten = false;
    return memory;
  }
}

function encode({
  name,
  isForgotten,
  checkpoint,
  drained,
  drains,
  stuck,
  acked,
  held,
}: PeerMemory): Uint8Array {
  const remembered: Remembered = { name, isForgotten, checkpoint, drained, drains, stuck, acked, held };
  const encoder = createEncoder();
  writeAny(encoder, remembered as never);
  return toUint8Array(encoder);
}
