// The entry of a process for tasks of the Yjs engine.
import { serveTasks } from '../tasks/serve-tasks.ts';
import { runTask } from './tasks.ts';

serveTasks(runTask);
