// Engine tasks that take virtual time; some of those that may be costly are.
import type { Clock } from '@syncline/server/port/clock.ts';
import { SyncError } from '@syncline/shared';
import { CostlyTask } from '@syncline/server/port/engine.ts';
import type { TaskRunner } from '@syncline/server/engine/tasks/task-runner.ts';
import { runTask, type Task } from '@syncline/server/engine/yjs/tasks.ts';

export interface TaskManners {
  taskMs(task: Task): number;
  isCostly(task: Task): boolean;
}

export class VirtualTasks implements TaskRunner<Task> {
  readonly #clock: Clock;
  readonly #manners: TaskManners;
  readonly #running = new Set<(error: Error) => void>();

  constructor(clock: Clock, manners: TaskManners) {
    this.#clock = clock;
    this.#manners = manners;
  }

  run(task: Task): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#running.add(reject);
      this.#clock.after(this.#manners.taskMs(task), () => {
        this.#running.delete(reject);
        if (this.#manners.isCostly(task)) return reject(new CostlyTask(`${task.kind} takes too long`));
        try {
          resolve(runTask(task));
        } catch (error) {
          reject(error);
        }
      });
    });
  }

  async stop(): Promise<void> {
    for (const reject of this.#running) reject(new SyncError('going_away'));
    this.#running.clear();
  }
}
