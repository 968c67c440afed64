// What the operations of a change take the place of: for each operation so many others, by actor and number.
import type { ByteReader } from './byte-reader.ts';
import { costly, malformed } from './malformed.ts';
import type { NamedActors } from './named-actors.ts';
import type { OperationBudget } from './operation-budget.ts';
import { DeltaRuns, Runs, uints } from './runs.ts';

export class References {
  readonly #actor: Runs<number> | undefined;
  readonly #counter: DeltaRuns | undefined;
  readonly #actors: NamedActors;
  readonly #budget: OperationBudget;

  constructor(
    actor: ByteReader | undefined,
    counter: ByteReader | undefined,
    actors: NamedActors,
    budget: OperationBudget,
  ) {
    this.#actor = actor && new Runs(actor, uints);
    this.#counter = counter && new DeltaRuns(counter);
    this.#actors = actors;
    this.#budget = budget;
  }

  get isDone(): boolean {
    return (this.#actor?.left ?? 0) === 0 && (this.#counter?.left ?? 0) === 0;
  }

  /** Those of so many operations with `each` of them, the first of which has this number. */
  read(each: number | undefined, operations: number, firstOp: number): void {
    if (each === undefined) throw malformed('an operation does not say what it takes the place of');
    if (each === 1) return this.#single(operations, firstOp);
    this.#budget.left -= each * operations;
    if (this.#budget.left < 0) throw costly('it has too many operations');
    if (each > 0) for (let op = firstOp; op < firstOp + operations; op++) this.#several(each, op);
  }

  #single(operations: number, firstOp: number): void {
    for (let op = firstOp, left = operations; left > 0;) {
      const count = Math.min(left, this.#actor?.left ?? 0, this.#counter?.left ?? 0);
      this.#expectEarlier(0, op);
      this.#expectEarlier(count - 1, op + count - 1);
      this.#advance(count);
      op += count;
      left -= count;
    }
  }

  /** In order, so that there is one way to write them. */
  #several(count: number, op: number): void {
    let last = { counter: 0, actor: '' };
    for (let left = count; left > 0; left--) {
      const next = this.#expectEarlier(0, op);
      if (next.counter < last.counter || (next.counter === last.counter && next.actor <= last.actor))
        throw malformed('what an operation takes the place of is not in order');
      last = next;
      this.#advance(1);
    }
  }

  #expectEarlier(distance: number, op: number): { readonly counter: number; readonly actor: string } {
    const actor = this.#actors.use(this.#actor?.value);
    const counter = this.#counter?.at(distance);
    if (counter === undefined || counter < 1 || counter >= op)
      throw malformed('an operation takes the place of what cannot be before it');
    return { counter, actor };
  }

  #advance(count: number): void {
    this.#actor?.advance(count);
    this.#counter?.advance(count);
  }
}
