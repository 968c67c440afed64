// What can be asked of the program, and how it answers on the command line.
import { compose } from '../compose.ts';
import { createLog } from '../observe/log.ts';
import { StoreRefused } from '../store/open.ts';
import { describeOptions, readServeOptions, UsageError } from './options.ts';

const help = `Syncline keeps documents in agreement among browsers, offline apps and servers.

  syncline serve [options]   Serve until SIGTERM or SIGINT.
  syncline help              Show this.

Options of serve, each also as an environment variable and in the config file:

${describeOptions()}
`;

/** Runs a command; resolves with the exit code, or never while the server serves. */
export async function run(
  words: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Promise<number> {
  const [command = 'help', ...flags] = words;
  if (['help', '--help', '-h'].includes(command) || flags.includes('--help') || flags.includes('-h')) {
    process.stdout.write(help);
    return 0;
  }
  try {
    if (command !== 'serve') throw new UsageError(`There is no command ${command}. See syncline help.`);
    return await serve(flags, environment);
  } catch (error) {
    const sentence = explain(error);
    if (sentence === undefined) throw error;
    process.stderr.write(`${sentence}\n`);
    return 1;
  }
}

async function serve(
  flags: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Promise<number> {
  const options = readServeOptions(flags, environment);
  const log = createLog(options.log);
  const server = await compose(options, log);
  process.stdout.write(`Syncline accepts connections at ${server.url}\n`);
  const signal = await new Promise<string>((resolve) => {
    for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => resolve(name));
  });
  log.info({ event: 'draining', signal }, 'draining');
  await server.stop();
  log.info({ event: 'stopped' }, 'stopped');
  return 0;
}

/** One sentence for what an operator can mend; undefined for a defect. */
function explain(error: unknown): string | undefined {
  if (error instanceof UsageError || error instanceof StoreRefused) return error.message;
  const { code, syscall, message } = error as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE') return `The port is in use by another process (${message}).`;
  if (syscall === 'listen' || syscall === 'getaddrinfo')
    return `The address cannot be listened on: ${message}.`;
  return undefined;
}
