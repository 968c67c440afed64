// When this replica's newest sequences were committed: for how long a peer that has not acknowledged them has been owed them.
import type { Clock } from '../port/clock.ts';
import type { Sequence } from '../port/journal.ts';

/** Commits of a moment: when the first of them was, and the last. */
interface Mark {
  readonly atMs: number;
  through: Sequence;
}

/** Commits within this are one mark. */
const minMarkMs = 100;
/** A quarter of an hour of steady writing; from then on marks are twice as long. */
const maxMarks = 8_192;

export class Unconfirmed {
  readonly #clock: Clock;
  #marks: Mark[];
  #markMs = minMarkMs;

  /** Whatever was committed before is as old as this process, at least. */
  constructor(clock: Clock, head: Sequence) {
    this.#clock = clock;
    this.#marks = [{ atMs: clock.now(), through: head }];
  }

  committed(sequence: Sequence): void {
    const atMs = this.#clock.now();
    const last = this.#marks.at(-1);
    if (last && this.#marks.length > 1 && atMs - last.atMs < this.#markMs) {
      last.through = sequence;
      return;
    }
    this.#marks.push({ atMs, through: sequence });
    if (this.#marks.length <= maxMarks) return;
    // Of two the earlier time stands for both: nothing is younger for it.
    this.#marks = this.#marks.flatMap(({ atMs: firstMs, through }, index) =>
      index % 2 === 0 ? { atMs: firstMs, through: this.#marks[index + 1]?.through ?? through } : [],
    );
    this.#markMs *= 2;
  }

  /** Nobody is owed anything up to here. */
  confirmed(sequence: Sequence): void {
    const kept = this.#marks.findIndex((mark) => mark.through > sequence);
    this.#marks = this.#marks.slice(kept < 0 ? -1 : kept);
    if (this.#marks.length < maxMarks / 4) this.#markMs = minMarkMs;
  }

  /** How long ago the first sequence after one was committed, or a moment longer; 0 if there is none. */
  ageOf(acked: Sequence, head: Sequence): number {
    if (acked >= head) return 0;
    let low = 0;
    let high = this.#marks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#marks[middle]!.through > acked) high = middle;
      else low = middle + 1;
    }
    // It was committed at this moment.
    const mark = this.#marks[low];
    if (!mark) return 0;
    return this.#clock.now() - mark.atMs;
  }
}
