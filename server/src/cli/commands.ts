// What can be asked of the program, and how it answers on the command line.
import { compose } from '../compose.ts';
import { createLog } from '../observe/log.ts';
import { StoreRefused } from '../store/open.ts';
import { exportDocument } from './export.ts';
import { exportOptions, serveOptions, tokenOptions } from './options.ts';
import { makeToken } from './token.ts';
import { describeOptions, type Environment, leadingWords, readOptions, UsageError } from './read-options.ts';

const help = `Syncline keeps documents in agreement among browsers, offline apps and servers.

  syncline serve [options]          Serve until SIGTERM or SIGINT.
  syncline export NAME [options]    Print a document's content; a server may be running on the folder.
  syncline token [options]          Print a token for development.
  syncline help                     Show this.

Options of serve, each also as an environment variable and in the config file:

${describeOptions(serveOptions)}

Options of export:

${describeOptions(exportOptions)}

Options of token:

${describeOptions(tokenOptions)}
`;

/** Runs a command; resolves with the exit code, or never while the server serves. */
export async function run(words: readonly string[], environment: Environment): Promise<number> {
  const [command = 'help', ...rest] = words;
  if (['help', '--help', '-h'].includes(command) || rest.includes('--help') || rest.includes('-h')) {
    process.stdout.write(help);
    return 0;
  }
  try {
    return await runCommand(command, rest, environment);
  } catch (error) {
    const sentence = explain(error);
    if (sentence === undefined) throw error;
    process.stderr.write(`${sentence}\n`);
    return 1;
  }
}

async function runCommand(
  command: string,
  words: readonly string[],
  environment: Environment,
): Promise<number> {
  const { names, flags } = leadingWords(words);
  switch (command) {
    case 'serve':
      if (names.length > 0) {
        throw new UsageError(
          `serve takes options alone, not ${names.join(' ')}; through npm, options go after --, as in npm start -- --port 8080.`,
        );
      }
      return serve(flags, environment);
    case 'export': {
      const [name] = names;
      if (name === undefined || names.length > 1)
        throw new UsageError('export takes one document name, then options.');
      const content = await exportDocument(name, readOptions(exportOptions, flags, environment));
      process.stdout.write(`${content}\n`);
      return 0;
    }
    case 'token':
      if (names.length > 0) throw new UsageError(`token takes options alone, not ${names.join(' ')}.`);
      process.stdout.write(`${await makeToken(readOptions(tokenOptions, flags, environment))}\n`);
      return 0;
    default:
      throw new UsageError(`There is no command ${command}; see syncline help.`);
  }
}

async function serve(flags: readonly string[], environment: Environment): Promise<number> {
  const options = readOptions(serveOptions, flags, environment);
  const log = createLog(options.log, options.name);
  const server = await compose(options, log);
  process.stdout.write(`Syncline accepts connections at ${server.url}\n`);
  const signal = await new Promise<string>((resolve) => {
    // For good: npm passes a signal on that the whole group has had already, and a second one must not end the drain.
    for (const name of ['SIGTERM', 'SIGINT'] as const) process.on(name, () => resolve(name));
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
