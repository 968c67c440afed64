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
/** Of what all peers have acknowledged, which one that goes back to an earlier state is owed again. */
const maxPastMarks = 64;

export class Unconfirmed {
  readonly #clock: Clock;
  /** Up to here nobody was owed anything when it was last looked. */
  #past: Mark[] = [];
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
    this.#marks = inPairs(this.#marks);
    this.#markMs *= 2;
  }

  /** Nobody is owed anything up to here. */
  confirmed(sequence: Sequence): void {
    const found = this.#marks.findIndex((mark) => mark.through > sequence);
    const kept = found < 0 ? this.#marks.length - 1 : found;
    this.#past.push(...this.#marks.slice(0, kept));
    while (this.#past.length > maxPastMarks) joinClosest(this.#past, this.#marks[kept]!.atMs);
    this.#marks = this.#marks.slice(kept);
    if (this.#marks.length < maxMarks / 4) this.#markMs = minMarkMs;
  }

  /** How long ago the first sequence after one was committed, or a moment longer; 0 if there is none. */
  ageOf(acked: Sequence, head: Sequence): number {
    if (acked >= head) return 0;
    const mark = firstAfter(this.#past, acked) ?? firstAfter(this.#marks, acked);
    // It was committed at this moment.
    if (!mark) return 0;
    return this.#clock.now() - mark.atMs;
  }
}

/** Of two the earlier time stands for both: nothing is younger for it. */
function inPairs(marks: readonly Mark[]): Mark[] {
  return marks.flatMap(({ atMs, through }, index) =>
    index % 2 === 0 ? { atMs, through: marks[index + 1]?.through ?? through } : [],
  );
}

/** Makes one of the two neighbours that lie closest together in time. */
function joinClosest(marks: Mark[], endMs: number): void {
  let closest = 0;
  let leastMs = Infinity;
  for (let at = 0; at + 1 < marks.length; at++) {
    const spanMs = (marks[at + 2]?.atMs ?? endMs) - marks[at]!.atMs;
    if (spanMs < leastMs) [closest, leastMs] = [at, spanMs];
  }
  const [first, second] = marks.slice(closest, closest + 2) as [Mark, Mark];
  marks.splice(closest, 2, { atMs: first.atMs, through: second.through });
}

function firstAfter(marks: readonly Mark[], sequence: Sequence): Mark | undefined {
  let low = 0;
  let high = marks.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (marks[middle]!.through > sequence) high = middle;
    else low = middle + 1;
  }
  return marks[low];
}
