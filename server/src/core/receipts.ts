// What one session sent under numbers of its own: which batches are committed, and which were lost with a failed commit,
// until the session has been told. A batch is stored when all of its updates are, and lost when one of them is.

/** Batches from one number through another. */
export interface BatchRange {
  readonly from: number;
  readonly through: number;
}

/** One batch, until every update of it has been committed or lost. */
export class Ticket {
  readonly #number: number;
  readonly #receipts: Receipts;
  #waiting: number;
  #isLost = false;

  constructor(number: number, updates: number, receipts: Receipts) {
    this.#number = number;
    this.#waiting = updates;
    this.#receipts = receipts;
  }

  settled(isStored: boolean): void {
    if (!isStored) this.#isLost = true;
    if (--this.#waiting > 0) return;
    if (this.#isLost) this.#receipts.lost.add(this.#number);
    else this.#receipts.stored.add(this.#number);
  }
}

export class Receipts {
  readonly stored = new BatchRanges();
  readonly lost = new BatchRanges();
}

class BatchRanges {
  #ranges: { from: number; through: number }[] = [];

  /** How many ranges there are; numbers that follow each other are one. */
  get count(): number {
    return this.#ranges.length;
  }

  add(number: number): void {
    const last = this.#ranges.at(-1);
    if (last && last.through + 1 === number) last.through = number;
    else this.#ranges.push({ from: number, through: number });
  }

  take(): readonly BatchRange[] {
    const ranges = this.#ranges;
    this.#ranges = [];
    return ranges;
  }
}
