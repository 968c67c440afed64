// What an engine needs of the place where its tasks run.

/** A task is data alone, and tells of what kind it is. */
export interface EngineTask {
  readonly kind: string;
}

/** Rejects with CostlyTask what ran over its deadline or memory. */
export interface TaskRunner<Task extends EngineTask> {
  /** Resolves with what the engine makes of the task. `bytes` is the size of the task's input. */
  run(task: Task, bytes: number): Promise<unknown>;
  /** Tasks under way reject. */
  stop(): Promise<void>;
}
