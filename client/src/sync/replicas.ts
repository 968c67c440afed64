// Who waits here for other replicas to hold what is in the document: asks the server once what is meant is stored there, again on
// every connection, and knows for whom the server waits.
import type { Down, Up } from '@syncline/shared';
import type { ChannelState } from './channel.ts';

interface Waiting {
  readonly replicas: number;
  /** Whether everything that is meant is acknowledged by the server. */
  readonly isStored: () => boolean;
  /** What the server was asked for on this connection. */
  sequence: number | undefined;
  isHeld: boolean;
}

export class Replicas {
  readonly #waiting = new Set<Waiting>();
  #awaited: readonly string[] = [];

  /** What the replicas are called that do not hold yet what somebody waits for. */
  get awaited(): readonly string[] {
    return this.#awaited;
  }

  /** Gives whether so many replicas hold it by now, to be asked after every change until it is true. */
  wait(replicas: number, isStored: () => boolean): () => boolean {
    const waiting: Waiting = { replicas, isStored, sequence: undefined, isHeld: false };
    this.#waiting.add(waiting);
    return () => waiting.isHeld;
  }

  /** What is to be asked now. */
  questions({ channel, phase, headSeen }: ChannelState): readonly Up[] {
    if (phase.phase !== 'live') return [];
    // One question for each number of replicas: whoever comes while it is open is meant by the next.
    const open = new Set(
      [...this.#waiting].filter(({ sequence }) => sequence !== undefined).map(({ replicas }) => replicas),
    );
    const asked = new Set<number>();
    for (const waiting of this.#waiting) {
      if (open.has(waiting.replicas) || !waiting.isStored()) continue;
      waiting.sequence = headSeen;
      asked.add(waiting.replicas);
    }
    return Array.from(asked, (replicas) => ({ say: 'confirm', channel, sequence: headSeen, replicas }));
  }

  heard(message: Extract<Down, { say: 'replicated' | 'awaiting' }>): void {
    if (message.say === 'awaiting') {
      this.#awaited = message.names;
      return;
    }
    for (const waiting of this.#waiting) {
      const isAnswered = waiting.sequence !== undefined && waiting.sequence <= message.sequence;
      if (!isAnswered || waiting.replicas > message.replicas) continue;
      waiting.isHeld = true;
      this.#waiting.delete(waiting);
    }
    if (this.#waiting.size === 0) this.#awaited = [];
  }

  /** The connection has ended, or the channel: the next server numbers otherwise. */
  detached(): void {
    for (const waiting of this.#waiting) waiting.sequence = undefined;
    this.#awaited = [];
  }
}
