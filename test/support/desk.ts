// Two authors who type a whole trace at once, each at a client of their own.
import { Author, type Seat, type Typed, typeOut, type TypedTrace } from './typed.ts';
import type { Trace } from './trace.ts';
import { until } from './until.ts';

/** Transactions handed over in one go, and the clocks that may be on their way: some commits' worth of work in flight. */
const burst = 40;
const maxUnconfirmed = 400;

export type AuthorIdPair = readonly [number, number];

export class Desk {
  readonly content: string;
  readonly #authors: readonly Author[];
  readonly #seats: readonly [Seat, Seat];

  /** `ids` are those of the authors, of whom the first sits at the first seat. */
  constructor(seats: readonly [Seat, Seat], trace: Trace, ids: AuthorIdPair) {
    const { authors, content }: TypedTrace = typeOut(trace, ids);
    this.content = content;
    this.#seats = seats;
    this.#authors = authors.map(
      (typed: readonly Typed[], agent) =>
        new Author(seats[agent]!, typed, { own: ids[agent]!, other: ids[1 - agent]! }),
    );
  }

  /** Lets both type until they have handed over so many transactions and `condition` holds. */
  async type(transactions: number, condition = (): boolean => true): Promise<void> {
    const haveTyped = (): boolean => {
      for (const author of this.#authors) author.type(burst, maxUnconfirmed);
      return this.#authors.reduce((sum, { typed }) => sum + typed, 0) >= transactions && condition();
    };
    await until(`${transactions} transactions are typed`, haveTyped, 90_000);
  }

  /** How many clocks of each author have been handed over and not been confirmed. */
  get unconfirmed(): readonly number[] {
    return this.#authors.map(({ unconfirmed }) => unconfirmed);
  }

  /** How many clocks have been confirmed, of both together. */
  get confirmed(): number {
    return this.#authors.reduce((sum, { confirmed }) => sum + confirmed, 0);
  }

  hasEnded(): boolean {
    return this.#seats.every(({ doc }) => doc.getText('content').toJSON() === this.content);
  }
}
