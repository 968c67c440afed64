// One process for engine tasks, one at a time. A task that runs over its deadline or memory ends its process, and only
// itself: those that wait go to the next one. A process and not a thread, since V8 lets a thread pass its heap limit by
// 16 MB and then aborts everything: an update of 16 MiB of empty objects took the server along.
import { type ChildProcess, fork } from 'node:child_process';
import { SyncError } from '@syncline/shared';
import { CostlyTask } from '../../port/engine.ts';
import type { Answer, ready } from './serve-tasks.ts';
import type { EngineTask, TaskRunner } from './task-runner.ts';

/** 2 s pays for any document that people write; 1 ms for 10 KB lets large imports through. */
export const baseDeadlineMs = 2_000;
export const bytesPerDeadlineMs = 10 * 1024;
/** A Y.Doc costs up to 13 times its size: enough for 40 MB documents, and no danger to a small machine. */
export const maxHeapMegabytes = 512;
/** Automerge needs 400 bytes for each operation that it takes in at once: enough for two million letters. */
const maxWasmMegabytes = 1024;
const wasmPagesPerMegabyte = 16;

interface Waiting<Task> {
  readonly task: Task;
  readonly bytes: number;
  resolve(result: unknown): void;
  reject(error: Error): void;
}

export class TaskProcess<Task extends EngineTask> implements TaskRunner<Task> {
  readonly #entry: URL;
  #process: ChildProcess | undefined;
  #isReady = false;
  #running: Waiting<Task> | undefined;
  #deadline: NodeJS.Timeout | undefined;
  #isStopped = false;
  readonly #waiting: Waiting<Task>[] = [];

  /** `entry` is what the process runs: it calls `serveTasks`. */
  constructor(entry: URL) {
    this.#entry = entry;
  }

  async run(task: Task, bytes: number): Promise<unknown> {
    if (this.#isStopped) throw new SyncError('going_away');
    const result = new Promise<unknown>((resolve, reject) =>
      this.#waiting.push({ task, bytes, resolve, reject }),
    );
    this.#next();
    return result;
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    const stopped = new SyncError('going_away');
    for (const task of this.#waiting.splice(0)) task.reject(stopped);
    await this.#end(stopped);
  }

  #next(): void {
    if (this.#running || this.#waiting.length === 0) return;
    if (!this.#process) this.#start();
    if (!this.#isReady) return;
    const next = this.#takeSmallest();
    this.#running = next;
    // An error of the channel is that of a process that has ended, and its exit is told below.
    this.#process!.send(next.task, () => {});
    const deadlineMs = baseDeadlineMs + next.bytes / bytesPerDeadlineMs;
    this.#deadline = setTimeout(() => {
      void this.#end(new CostlyTask(`${next.task.kind} took longer than ${Math.round(deadlineMs)} ms`));
    }, deadlineMs);
  }

  /** What is small is done first: nobody's paste waits for ten large imports. */
  #takeSmallest(): Waiting<Task> {
    const smallest = this.#waiting.reduce((best, each) => (each.bytes < best.bytes ? each : best));
    this.#waiting.splice(this.#waiting.indexOf(smallest), 1);
    return smallest;
  }

  #start(): void {
    const started = fork(this.#entry, {
      execArgv: [
        `--max-old-space-size=${maxHeapMegabytes}`,
        `--wasm-max-mem-pages=${maxWasmMegabytes * wasmPagesPerMegabyte}`,
      ],
      serialization: 'advanced',
      // What V8 prints when the memory is used up is of no use to an operator: the task is reported as costly.
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    this.#process = started;
    started.on('message', (message: Answer | typeof ready) => {
      if (started !== this.#process) return;
      if (message === 'ready') this.#isReady = true;
      else this.#settle(message);
      this.#next();
    });
    const ended = (reason: string): void => {
      if (started !== this.#process) return;
      if (this.#running)
        void this.#end(new CostlyTask(`${this.#running.task.kind} ended its process: ${reason}`));
      else void this.#end(new Error(`an engine process ended: ${reason}`));
    };
    started.on('error', (error) => ended(error.message));
    started.on('exit', (code, signal) => ended(String(signal ?? code)));
  }

  #settle(answer: Answer): void {
    clearTimeout(this.#deadline);
    if (answer.isLast) this.#leave();
    const running = this.#running;
    this.#running = undefined;
    if ('result' in answer) running?.resolve(answer.result);
    else running?.reject(errorOf(answer));
  }

  /** The next task goes to a process of its own. */
  #leave(): void {
    this.#process?.disconnect();
    this.#process = undefined;
    this.#isReady = false;
  }

  /** Ends the process and with it the running task; starts the next task on a new process. */
  async #end(error: Error): Promise<void> {
    clearTimeout(this.#deadline);
    const ending = this.#process;
    // A process that cannot even start would be started for ever if nobody were told.
    const failed = this.#running ?? (this.#isReady ? undefined : this.#waiting.shift());
    this.#process = undefined;
    this.#isReady = false;
    this.#running = undefined;
    failed?.reject(error);
    const ended = ending && exitOf(ending);
    ending?.kill('SIGKILL');
    if (!this.#isStopped) this.#next();
    await ended;
  }
}

async function exitOf(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  await new Promise((resolve) => child.once('exit', resolve));
}

function errorOf({ failure, code }: Extract<Answer, { failure: string }>): Error {
  if (code === undefined) return new Error(failure);
  // The message says what the code means already; passed to the constructor it would say so twice.
  return Object.assign(new SyncError(code), { message: failure });
}
