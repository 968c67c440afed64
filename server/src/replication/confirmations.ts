// Who waits for how many replicas to hold what was committed here, and for whom they wait.
import type { Clock } from '../port/clock.ts';
import type { Awaiting, Confirm } from '../port/confirm.ts';
import type { Sequence } from '../port/journal.ts';

/** Another replica, and up to where it is known to hold everything of this one; -1 for nothing. */
export interface Holder {
  readonly name: string;
  readonly sequence: Sequence;
}

interface Waiting {
  readonly sequence: Sequence;
  readonly replicas: number;
  readonly awaiting: Awaiting;
  lacking: string;
}

/** Thousands may wait for one that is away: they are looked at together, and not at each acknowledgement of another. */
const lookEveryMs = 10;

export class Confirmations implements Confirm {
  readonly #clock: Clock;
  readonly #holders: () => readonly Holder[];
  readonly #waiting = new Set<Waiting>();
  #lookedMs = -Infinity;
  #isLookDue = false;

  /** `holders` gives all other replicas that are known. */
  constructor(clock: Clock, holders: () => readonly Holder[]) {
    this.#clock = clock;
    this.#holders = holders;
  }

  whenHeld(sequence: Sequence, replicas: number, awaiting: Awaiting): () => void {
    const waiting: Waiting = { sequence, replicas, awaiting, lacking: '' };
    this.#waiting.add(waiting);
    this.#look(waiting, this.#holders(), true);
    return () => void this.#waiting.delete(waiting);
  }

  /** Something else is known. */
  look(): void {
    if (this.#waiting.size === 0 || this.#isLookDue) return;
    const now = this.#clock.now();
    const waitMs = this.#lookedMs + lookEveryMs - now;
    if (waitMs <= 0) return this.#lookAtAll();
    this.#isLookDue = true;
    this.#clock.after(waitMs, () => {
      this.#isLookDue = false;
      this.#lookAtAll();
    });
  }

  #lookAtAll(): void {
    this.#lookedMs = this.#clock.now();
    const holders = this.#holders();
    for (const waiting of this.#waiting) this.#look(waiting, holders, false);
  }

  #look(waiting: Waiting, holders: readonly Holder[], isNew: boolean): void {
    const { sequence, replicas, awaiting } = waiting;
    const names = holders.filter((holder) => holder.sequence < sequence).map(({ name }) => name);
    // This replica is one of them.
    const known = 1 + holders.length;
    if (known - names.length >= replicas) {
      this.#waiting.delete(waiting);
      return awaiting.held();
    }
    const unmet = replicas - known;
    if (unmet > 0) names.push(unmet === 1 ? 'a replica never met' : `${unmet} replicas never met`);
    const lacking = names.join('\n');
    if (lacking === waiting.lacking && !isNew) return;
    waiting.lacking = lacking;
    awaiting.lacking(names);
  }
}
