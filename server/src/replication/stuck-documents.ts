// The documents of one source that cannot be taken in here, each with the code of its error: the position goes on over them, so that
// they are kept by name and tried again, after pauses that grow.
import { compareLives, type Life } from '../core/visit.ts';
import { maxStuck } from './limits.ts';
import type { AtSource } from './lives.ts';
import type { StuckDocument } from './peer-memory.ts';

/** An hour, in tries of a minute each. */
const maxRetryEvery = 60;

/** A document as it was told last. */
interface Stuck {
  readonly code: string;
  readonly life: AtSource;
  /** How many fetches had begun when it got stuck. */
  readonly since: number;
}

export class StuckDocuments {
  readonly #stuck = new Map<string, Stuck>();
  #begun = 0;
  #retryEvery = 1;
  #retriesLeftOut = 0;

  constructor(remembered: readonly StuckDocument[]) {
    for (const { document, code, life } of remembered) this.#stuck.set(document, { code, life, since: 0 });
  }

  get isEmpty(): boolean {
    return this.#stuck.size === 0;
  }

  get codes(): ReadonlyMap<string, string> {
    return new Map(Array.from(this.#stuck, ([document, { code }]) => [document, code]));
  }

  get toRemember(): StuckDocument[] {
    return Array.from(this.#stuck, ([document, { code, life }]) => ({ document, code, life }));
  }

  has(name: string): boolean {
    return this.#stuck.has(name);
  }

  /** Gives whether its name is kept: there may be too many. */
  add(name: string, code: string, life: AtSource): boolean {
    if (!this.#stuck.has(name)) {
      if (this.#stuck.size >= maxStuck) return false;
      this.#retryEvery = 1;
    }
    this.#stuck.set(name, { code, life, since: this.#begun });
    return true;
  }

  /** It is as at the source, by whatever way. */
  remove(name: string): void {
    this.#stuck.delete(name);
  }

  /** It has come to a life here: what was stuck of an earlier one is of no interest any more. */
  hasComeTo(name: string, life: Life): void {
    const stuck = this.#stuck.get(name);
    if (stuck && compareLives(stuck.life, life) < 0) this.#stuck.delete(name);
  }

  /** A fetch begins: its number is said again when all that it brought is committed. */
  beginFetch(): number {
    return ++this.#begun;
  }

  /** All of a document that a fetch brought is committed: unless it got stuck after that had begun, it is here. Gives whether it was stuck. */
  wasFetched(name: string, fetch: number): boolean {
    const stuck = this.#stuck.get(name);
    if (!stuck || stuck.since >= fetch) return false;
    return this.#stuck.delete(name);
  }

  /** Asked at an even beat: each time that nothing comes of it, it takes twice as long until they are tried again. */
  isRetryDue(): boolean {
    if (++this.#retriesLeftOut < this.#retryEvery) return false;
    this.#retriesLeftOut = 0;
    this.#retryEvery = Math.min(this.#retryEvery * 2, maxRetryEvery);
    return true;
  }
}
