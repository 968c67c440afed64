// What can be asked of the program, and how it answers on the command line.
import { compose } from '../compose.ts';
import { createLog } from '../observe/log.ts';
import { StoreRefused } from '../store/open.ts';
import { reidentify } from '../store/reidentify.ts';
import { exportDocument } from './export.ts';
import { type Answer, type Asked, peers, remove, status, undelete, verify } from './operate.ts';
import {
  commands,
  exportOptions,
  type OptionTable,
  reidentifyOptions,
  serveOptions,
  tokenOptions,
} from './options.ts';
import { makeToken } from './token.ts';
import { describeOptions, type Environment, leadingWords, readOptions, UsageError } from './read-options.ts';

/** Those that print something and end. */
const answering: Readonly<Record<string, (asked: Asked) => Answer | Promise<Answer>>> = {
  status,
  verify,
  peers,
  delete: remove,
  undelete,
  export: async ({ names, flags, environment }) => {
    const [name] = names;
    if (name === undefined || names.length > 1)
      throw new UsageError('export takes one document name, then options.');
    const content = await exportDocument(name, readOptions(exportOptions, flags, environment));
    return { text: `${content}\n`, exitCode: 0 };
  },
  token: async ({ names, flags, environment }) => {
    if (names.length > 0) throw new UsageError(`token takes options alone, not ${names.join(' ')}.`);
    return { text: `${await makeToken(readOptions(tokenOptions, flags, environment))}\n`, exitCode: 0 };
  },
  reidentify: ({ names, flags, environment }) => {
    if (names.length > 0) throw new UsageError(`reidentify takes options alone, not ${names.join(' ')}.`);
    const { data } = readOptions(reidentifyOptions, flags, environment);
    return { text: `The replica in ${data} is now ${reidentify(data)}.\n`, exitCode: 0 };
  },
};

/** Runs a command; resolves with the exit code, or never while the server serves. */
export async function run(words: readonly string[], environment: Environment): Promise<number> {
  const [command = 'help', ...rest] = words;
  if (['help', '--help', '-h'].includes(command) || rest.includes('--help') || rest.includes('-h')) {
    process.stdout.write(help());
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
  if (command === 'serve') {
    if (names.length > 0) {
      throw new UsageError(
        `serve takes options alone, not ${names.join(' ')}; through npm, options go after --, as in npm start -- --port 8080.`,
      );
    }
    return serve(flags, environment);
  }
  if (!Object.hasOwn(answering, command))
    throw new UsageError(`There is no command ${command}; see syncline help.`);
  const { text, exitCode } = await answering[command]!({ names, flags, environment });
  process.stdout.write(text);
  return exitCode;
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

function help(): string {
  const width = Math.max(...Object.keys(commands).map((usage) => usage.length));
  const list = Object.entries(commands).map(
    ([usage, { what }]) => `  syncline ${usage.padEnd(width)}  ${what}`,
  );
  const options = [...usagesByOptions()].map(
    ([table, usages]) => `Options of ${usages.join(', ')}:\n\n${describeOptions(table)}\n`,
  );
  return `Syncline keeps documents in agreement among browsers, offline apps and servers.

${list.join('\n')}
  syncline ${'help'.padEnd(width)}  Show this.

Each option is also an environment variable, and a key of the config file.

${options.join('\n')}`;
}

/** Commands that have the same options are told of together. */
function usagesByOptions(): Map<OptionTable, string[]> {
  const usages = new Map<OptionTable, string[]>();
  for (const [usage, { options }] of Object.entries(commands)) {
    const command = usage.split(' ')[0]!;
    usages.set(options, [...(usages.get(options) ?? []), command]);
  }
  return usages;
}
