// Everything that happened in a run, as a hash to compare runs by, and its last lines to read.
import { createHash } from 'node:crypto';

const tailLines = 40;

export class Trace {
  readonly #now: () => number;
  readonly #print: ((line: string) => void) | undefined;
  readonly #hash = createHash('sha256');
  readonly #tail: string[] = [];

  /** `print` is called with every line. */
  constructor(now: () => number, print?: (line: string) => void) {
    this.#now = now;
    this.#print = print;
  }

  note(what: string): void {
    const line = `${this.#now().toFixed(0).padStart(7)} ${what}`;
    this.#hash.update(line).update('\n');
    if (this.#tail.push(line) > tailLines) this.#tail.shift();
    this.#print?.(line);
  }

  get tail(): readonly string[] {
    return this.#tail;
  }

  /** Of all lines so far. */
  digest(): string {
    return this.#hash.copy().digest('hex');
  }
}
