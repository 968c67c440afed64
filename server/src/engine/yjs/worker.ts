// The entry of an engine worker: one task at a time, answered with its result or with why it failed.
import { parentPort } from 'node:worker_threads';
import { type ErrorCode, SyncError } from '@syncline/shared';
import { runTask, type Task } from './tasks.ts';

export type Answer =
  { readonly result: unknown } | { readonly failure: string; readonly code: ErrorCode | undefined };

/** Sent once, when the engine has been loaded; a task's deadline counts from then. */
export const ready = 'ready';

// Imported for its types by the pool, on a thread that has no parent.
parentPort?.on('message', (task: Task) => parentPort?.postMessage(answer(task)));
parentPort?.postMessage(ready);

function answer(task: Task): Answer {
  try {
    return { result: runTask(task) };
  } catch (error) {
    return {
      failure: error instanceof Error ? error.message : String(error),
      code: error instanceof SyncError ? error.code : undefined,
    };
  }
}
