// A load program, seen from the process that measures: it is asked one thing at a time.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Answer } from '../load/commands.ts';

/** Bounds every step, so that a server that stalls ends the run with a sentence. */
const answerMs = 120_000;

export class LoadProcess<Command extends object> implements AsyncDisposable {
  readonly #child: ChildProcess;

  constructor(program: 'automerge' | 'burst' | 'idle' | 'open' | 'steady') {
    const path = fileURLToPath(new URL(`../load/${program}.ts`, import.meta.url));
    this.#child = fork(path, { execArgv: [] });
  }

  ask<Result = void>(command: Command): Promise<Result> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => settle({ error: `the load took more than ${answerMs} ms` }), answerMs);
      const ended = (): void => settle({ error: 'the load program ended' });
      const settle = (answer: Answer): void => {
        clearTimeout(timer);
        this.#child.off('message', settle).off('exit', ended);
        if ('error' in answer) reject(new Error(answer.error));
        else resolve(answer.answer as Result);
      };
      this.#child.on('message', settle).on('exit', ended);
      this.#child.send(command);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill('SIGKILL');
    await once(this.#child, 'exit');
  }
}
