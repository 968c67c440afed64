// What an engine process does: one task at a time, answered with its result or with why it failed.
import { type ErrorCode, SyncError } from '@syncline/shared';

/** `isLast` when the process takes no more tasks after this one. */
export type Answer = { readonly isLast: boolean } & (
  { readonly result: unknown } | { readonly failure: string; readonly code: ErrorCode | undefined }
);

/** Sent once, when the engine has been loaded; a task's deadline counts from then. */
export const ready = 'ready';

/** `runTask` takes the engine's own tasks. `isWornOut` tells after each whether another process is to do the next one. */
export function serveTasks(runTask: (task: never) => unknown, isWornOut: () => boolean = () => false): void {
  // A terminal and a service manager signal the whole group. Tasks under way belong to what the server still drains, and
  // it is the server, or the end of its channel, that ends this process.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => {});
  process.on('disconnect', () => process.exit());
  process.on('message', (task) => process.send?.(answer(task as never)));
  process.send?.(ready);

  function answer(task: never): Answer {
    try {
      const result = runTask(task);
      return { result, isLast: isWornOut() };
    } catch (error) {
      return {
        failure: error instanceof Error ? error.message : String(error),
        code: error instanceof SyncError ? error.code : undefined,
        isLast: isWornOut(),
      };
    }
  }
}
