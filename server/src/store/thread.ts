// A worker thread that answers requests in the order in which they were posted.
import { once } from 'node:events';
import type { Transferable } from 'node:worker_threads';
import { Worker } from 'node:worker_threads';

interface Waiting<Answer> {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}

export class Thread<Request, Answer> {
  readonly #worker: Worker;
  readonly #waiting: Waiting<Answer>[] = [];
  readonly #onDeath: (error: Error) => void;
  #ended: Error | undefined;

  #isClosing = false;

  /** `onDeath` is called when the thread ends without having been asked to. */
  constructor(entry: URL, workerData: unknown, onDeath: (error: Error) => void) {
    this.#onDeath = onDeath;
    this.#worker = new Worker(entry, { workerData });
    this.#worker.on('message', (answer: Answer) => this.#waiting.shift()?.resolve(answer));
    this.#worker.on('error', (error) => this.#end(error));
    this.#worker.on('exit', () => this.#end(new Error('the thread has ended')));
  }

  /** How many requests wait or run. */
  get depth(): number {
    return this.#waiting.length;
  }

  /** An answer that comes without a request, such as the first. */
  async next(): Promise<Answer> {
    if (this.#ended) throw this.#ended;
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  async ask(request: Request, transfer: readonly Transferable[] = []): Promise<Answer> {
    const answer = this.next();
    if (!this.#ended) this.#worker.postMessage(request, transfer);
    return answer;
  }

  /** Asks the thread to end, and resolves when it has. */
  async close(request: Request): Promise<void> {
    this.#isClosing = true;
    if (this.#ended) return;
    const exit = once(this.#worker, 'exit');
    await this.ask(request);
    await exit;
  }

  #end(error: Error): void {
    if (!this.#ended && !this.#isClosing) this.#onDeath(error);
    this.#ended ??= error;
    for (const { reject } of this.#waiting.splice(0)) reject(this.#ended);
  }
}
