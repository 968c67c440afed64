// The entry of a process for tasks of the Automerge engine.
import { serveTasks } from '../tasks/serve-tasks.ts';
import { isAlive, LiveDocument } from './live-document.ts';
import { runTask, type Task } from './tasks.ts';

/** The memory of WebAssembly is used again and never given back: past this another process does the next task. */
const wornOutAtBytes = 96 * 1024 * 1024;

function run(task: Task): unknown {
  try {
    return runTask(task);
  } catch (error) {
    // Automerge has used up its memory, and would fail at whatever comes next: this task was too much for one process.
    if (!isAlive()) process.exit(1);
    throw error;
  }
}

serveTasks(run, () => LiveDocument.hasPanicked || process.memoryUsage().external > wornOutAtBytes);
