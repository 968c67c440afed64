// The addresses of a cluster's replicas: which of them is tried, and which have refused for good since they last let us in.

export class Addresses {
  readonly #urls: readonly string[];
  #at = 0;
  readonly #refusing = new Set<number>();

  constructor(urls: readonly string[]) {
    this.#urls = urls;
  }

  /** The one that is tried, or has answered. */
  get current(): string {
    return this.#urls[this.#at]!;
  }

  /** This one does not answer, or is going. */
  next(): void {
    this.#at = (this.#at + 1) % this.#urls.length;
  }

  letIn(): void {
    this.#refusing.delete(this.#at);
  }

  /** This one refuses for good. Gives whether all of them do, which are all asked anew then if that is of use. */
  refused(): boolean {
    this.#refusing.add(this.#at);
    this.next();
    if (this.#refusing.size < this.#urls.length) return false;
    this.#refusing.clear();
    return true;
  }
}
