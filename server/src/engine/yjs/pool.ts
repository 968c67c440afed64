// One worker thread for engine tasks, in order. A task that runs over its deadline or memory ends its worker, and only
// itself: those that wait go to the next one.
import { Worker } from 'node:worker_threads';
import { SyncError } from '@syncline/shared';
import { CostlyTask } from '../../port/engine.ts';
import type { Task } from './tasks.ts';
import type { Answer } from './worker.ts';

/** 2 s pays for any document that people write; 1 ms for 10 KB lets large imports through. */
export const baseDeadlineMs = 2_000;
export const bytesPerDeadlineMs = 10 * 1024;
/** A Y.Doc costs up to 13 times its size: enough for 40 MB documents, and no danger to a small machine. */
export const maxHeapMegabytes = 512;

interface Waiting {
  readonly task: Task;
  readonly bytes: number;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

export class TaskWorker {
  #worker: Worker | undefined;
  #isReady = false;
  #running: Waiting | undefined;
  #deadline: NodeJS.Timeout | undefined;
  #isStopped = false;
  readonly #waiting: Waiting[] = [];

  /** Resolves with what `runTask` gives. `bytes` is the size of the task's input. */
  async run(task: Task, bytes: number): Promise<unknown> {
    if (this.#isStopped) throw new Error('the engine has been stopped');
    const result = new Promise<unknown>((resolve, reject) =>
      this.#waiting.push({ task, bytes, resolve, reject }),
    );
    this.#next();
    return result;
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    const stopped = new Error('the engine has been stopped');
    for (const { reject } of this.#waiting.splice(0)) reject(stopped);
    await this.#end(stopped);
  }

  #next(): void {
    if (this.#running || this.#waiting.length === 0) return;
    if (!this.#worker) this.#start();
    if (!this.#isReady) return;
    const next = this.#waiting.shift()!;
    this.#running = next;
    this.#worker!.postMessage(next.task);
    const deadlineMs = baseDeadlineMs + next.bytes / bytesPerDeadlineMs;
    this.#deadline = setTimeout(() => {
      void this.#end(new CostlyTask(`${next.task.kind} took longer than ${Math.round(deadlineMs)} ms`));
    }, deadlineMs);
  }

  #start(): void {
    const worker = new Worker(new URL('worker.ts', import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: maxHeapMegabytes },
    });
    this.#worker = worker;
    worker.on('message', (message: Answer | 'ready') => {
      if (worker !== this.#worker) return;
      if (message === 'ready') this.#isReady = true;
      else this.#settle(message);
      this.#next();
    });
    worker.on('error', (error: NodeJS.ErrnoException) => {
      if (worker !== this.#worker) return;
      const isCostly = error.code === 'ERR_WORKER_OUT_OF_MEMORY';
      void this.#end(isCostly ? new CostlyTask('a task took too much memory') : error);
    });
  }

  #settle(answer: Answer): void {
    clearTimeout(this.#deadline);
    const running = this.#running;
    this.#running = undefined;
    if ('result' in answer) running?.resolve(answer.result);
    else
      running?.reject(answer.code ? new SyncError(answer.code, answer.failure) : new Error(answer.failure));
  }

  /** Ends the worker and with it the running task; starts the next task on a new worker. */
  async #end(error: Error): Promise<void> {
    clearTimeout(this.#deadline);
    const worker = this.#worker;
    const running = this.#running;
    this.#worker = undefined;
    this.#isReady = false;
    this.#running = undefined;
    running?.reject(error);
    const ended = worker?.terminate();
    if (!this.#isStopped) this.#next();
    await ended;
  }
}
