// Who waits for other replicas to hold what was committed here.
import type { Sequence } from './journal.ts';

/** What whoever waits is told. */
export interface Awaiting {
  /** So many replicas hold it. Called once, and nothing after it. */
  held(): void;
  /** What the replicas are called that do not, and how many more there would have to be: at once if it has to wait, and whenever these are others. */
  lacking(names: readonly string[]): void;
}

export interface Confirm {
  /** Waits until so many replicas, this one among them, hold everything up to a sequence. Gives what ends that. */
  whenHeld(sequence: Sequence, replicas: number, awaiting: Awaiting): () => void;
}
