// What of a source has been told and is on its way into the documents here, in the order in which it was told: how far all of it
// is committed, and how far it is in the commit that begins now.
import type { Outcome } from '../core/member.ts';
import type { Sequence } from '../port/journal.ts';

/** One message of changes. */
export class Range {
  readonly through: Sequence;
  readonly headSeen: Sequence;
  readonly bytes: number;
  readonly entries: number;
  /** Entries of which something is still to be found out, fetched or submitted. */
  open: number;
  undrafted = 0;
  unsettled = 0;

  constructor(through: Sequence, headSeen: Sequence, bytes: number, entries: number) {
    this.through = through;
    this.headSeen = headSeen;
    this.bytes = bytes;
    this.open = this.entries = entries;
  }

  /** An update of it was submitted: `onSettled` is called when it is known what became of its commit. */
  outcome(onSettled: (isStored: boolean) => void): Outcome {
    this.undrafted++;
    this.unsettled++;
    let isDrafted = false;
    const drafted = (): void => {
      if (!isDrafted) this.undrafted--;
      isDrafted = true;
    };
    return {
      drafted,
      settled: (isStored) => {
        // One that shares the outcome of another's commit was never in a commit of its own.
        drafted();
        this.unsettled--;
        onSettled(isStored);
      },
    };
  }
}

/** A position with the source's head that was seen with it. */
export interface Position {
  readonly position: Sequence;
  readonly headSeen: Sequence;
}

export class Intake {
  #ranges: Range[] = [];
  #committed: Position;
  #told: Sequence;
  #bytes = 0;
  #entries = 0;

  constructor(start: Position) {
    this.#committed = start;
    this.#told = start.position;
  }

  /** Everything of the source up to here is committed. */
  get committed(): Position {
    return this.#committed;
  }

  /** Everything up to here is committed, or is in the commit that begins now. */
  get drafted(): Position {
    let drafted = this.#committed;
    for (const range of this.#ranges) {
      if (range.open > 0 || range.undrafted > 0) break;
      drafted = later(drafted, range);
    }
    return drafted;
  }

  /** How far the source has told. */
  get told(): Sequence {
    return this.#told;
  }

  /** What of the source waits here. */
  get bytes(): number {
    return this.#bytes;
  }

  get entries(): number {
    return this.#entries;
  }

  add(range: Range): void {
    this.#ranges.push(range);
    this.#told = Math.max(this.#told, range.through);
    this.#bytes += range.bytes;
    this.#entries += range.entries;
  }

  /** Moves on over what is done. Gives whether there was something. */
  settle(): boolean {
    let done = 0;
    for (const range of this.#ranges) {
      if (range.open > 0 || range.unsettled > 0) break;
      this.#committed = later(this.#committed, range);
      this.#bytes -= range.bytes;
      this.#entries -= range.entries;
      done++;
    }
    this.#ranges = this.#ranges.slice(done);
    return done > 0;
  }
}

function later(position: Position, { through, headSeen }: Range): Position {
  return {
    position: Math.max(position.position, through),
    headSeen: Math.max(position.headSeen, headSeen),
  };
}
