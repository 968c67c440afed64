// The program: runs the command that its arguments name.
import { run } from './cli/commands.ts';

process.exitCode = await run(process.argv.slice(2), process.env);
// Every thread and timer has been ended by then; should one linger, it must not keep a drained server from exiting.
setTimeout(() => process.exit(), 2_000).unref();
