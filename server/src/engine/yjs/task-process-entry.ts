// The entry of an engine process: one task at a time, answered with its result or with why it failed.
import { type ErrorCode, SyncError } from '@syncline/shared';
import { runTask, type Task } from './tasks.ts';

export type Answer =
  { readonly result: unknown } | { readonly failure: string; readonly code: ErrorCode | undefined };

/** Sent once, when the engine has been loaded; a task's deadline counts from then. */
export const ready = 'ready';

// A terminal and a service manager signal the whole group. Tasks under way belong to what the server still drains, and
// it is the server, or the end of its channel, that ends this process.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});
process.on('disconnect', () => process.exit());
process.on('message', (task: Task) => process.send?.(answer(task)));
process.send?.(ready);

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
