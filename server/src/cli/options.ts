// The option table: flags, environment variables, the config file, help, docs and types all come from it.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { defaultMaxFrameBytes } from '../socket/limits.ts';

interface OptionFacts {
  readonly type: 'string' | 'number' | 'boolean';
  readonly default: string | number | boolean | undefined;
  /** How help names the value. */
  readonly value?: string;
  readonly choices?: readonly string[];
  readonly range?: readonly [min: number, max: number];
  readonly help: string;
}

export const serveOptions = {
  host: { type: 'string', default: '127.0.0.1', value: 'ADDRESS', help: 'Address to listen on.' },
  port: {
    type: 'number',
    default: 7070,
    value: 'PORT',
    range: [0, 65_535],
    help: 'Port to listen on; 0 lets the system choose.',
  },
  data: {
    type: 'string',
    default: './data',
    value: 'DIR',
    help: 'Folder of the database; made if it is not there.',
  },
  durability: {
    type: 'string',
    default: 'full',
    value: 'LEVEL',
    choices: ['full', 'normal'],
    help: 'full: what is acknowledged survives a power cut. normal: it survives the end of the process alone.',
  },
  'max-frame': {
    type: 'number',
    default: defaultMaxFrameBytes,
    value: 'BYTES',
    range: [1_024, 1_073_741_824],
    help: 'Largest WebSocket frame read; a client that sends a larger one is closed with code 4413.',
  },
  log: {
    type: 'string',
    default: 'info',
    value: 'LEVEL',
    choices: ['debug', 'info', 'warn', 'error', 'silent'],
    help: 'Least level that is logged, as JSON lines on standard error.',
  },
  insecure: {
    type: 'boolean',
    default: false,
    help: 'Allow listening beyond this machine without authentication.',
  },
  config: { type: 'string', default: undefined, value: 'FILE', help: 'JSON file with any of these options.' },
} as const satisfies Record<string, OptionFacts>;

type Table = typeof serveOptions;
type ValueOf<Facts extends OptionFacts> = Facts extends { choices: readonly (infer Choice)[] }
  ? Choice
  : Facts['type'] extends 'number'
    ? number
    : Facts['type'] extends 'boolean'
      ? boolean
      : Facts['default'] extends undefined
        ? string | undefined
        : string;

/** The options of `serve`, complete and checked. */
export type ServeOptions = { readonly [Name in keyof Table]: ValueOf<Table[Name]> };

/** The operator wrote something that cannot be meant. The message is one sentence. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Flags win over the environment, the environment over the config file. Throws UsageError. */
export function readServeOptions(
  flags: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): ServeOptions {
  const fromFlags = readFlags(flags);
  const fromEnvironment = readEnvironment(environment);
  const file = fromFlags['config'] ?? fromEnvironment['config'];
  const fromFile = typeof file === 'string' ? readFile(file) : {};
  const given = { ...fromFile, ...fromEnvironment, ...fromFlags };
  const entries = Object.entries(serveOptions).map(([name, facts]) => [
    name,
    name in given ? check(name, facts, given[name]) : facts.default,
  ]);
  return Object.fromEntries(entries) as ServeOptions;
}

export function environmentName(option: string): string {
  return `SYNCLINE_${option.toUpperCase().replaceAll('-', '_')}`;
}

/** One line an option, for help. */
export function describeOptions(): string {
  return Object.entries<OptionFacts>(serveOptions)
    .map(([name, facts]) => {
      const flag = `--${name}${facts.value ? ` ${facts.value}` : ''}`;
      const rest =
        facts.default === undefined || facts.type === 'boolean' ? '' : ` Default: ${facts.default}.`;
      return `  ${flag.padEnd(22)} ${facts.help}${rest}\n${' '.repeat(25)}(${environmentName(name)})`;
    })
    .join('\n');
}

function readFlags(flags: readonly string[]): Record<string, unknown> {
  const options = Object.fromEntries(
    Object.entries(serveOptions).map(([name, { type }]) => [
      name,
      { type: type === 'boolean' ? ('boolean' as const) : ('string' as const) },
    ]),
  );
  try {
    return parseArgs({ args: [...flags], options, strict: true, allowNegative: true }).values;
  } catch (error) {
    const unknown = /Unknown option '--(?:no-)?([^']+)'/.exec((error as Error).message)?.[1];
    if (unknown !== undefined) throw unknownOption(`--${unknown}`, unknown, (name) => `--${name}`);
    throw new UsageError((error as Error).message.split('\n')[0]);
  }
}

function readEnvironment(environment: Readonly<Record<string, string | undefined>>): Record<string, unknown> {
  const byName = new Map(Object.keys(serveOptions).map((name) => [environmentName(name), name]));
  const values: Record<string, unknown> = {};
  for (const [variable, value] of Object.entries(environment)) {
    // The tests' own variable for a browser is not the server's.
    if (value === undefined || !variable.startsWith('SYNCLINE_') || variable === 'SYNCLINE_CHROMIUM')
      continue;
    const name = byName.get(variable);
    if (name === undefined) {
      throw unknownOption(variable, variable.slice('SYNCLINE_'.length).toLowerCase(), environmentName);
    }
    values[name] = value;
  }
  return values;
}

function readFile(path: string): Record<string, unknown> {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new UsageError(`The config file ${path} cannot be read: ${(error as Error).message}`);
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    throw new UsageError(`The config file ${path} is not a JSON object.`);
  }
  for (const name of Object.keys(content)) {
    if (!(name in serveOptions) || name === 'config') {
      throw unknownOption(`"${name}" in ${path}`, name, (option) => `"${option}"`);
    }
  }
  return content as Record<string, unknown>;
}

function check(name: string, facts: OptionFacts, value: unknown): string | number | boolean {
  if (facts.type === 'boolean') {
    if (value === true || value === 'true' || value === '1') return true;
    if (value === false || value === 'false' || value === '0') return false;
    throw new UsageError(`--${name} is true or false, not ${String(value)}.`);
  }
  if (facts.type === 'number') {
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    const [min, max] = facts.range ?? [0, Number.MAX_SAFE_INTEGER];
    if (typeof number === 'number' && Number.isInteger(number) && number >= min && number <= max)
      return number;
    throw new UsageError(`--${name} is a whole number from ${min} to ${max}, not ${String(value)}.`);
  }
  if (typeof value !== 'string' || value === '') throw new UsageError(`--${name} needs a value.`);
  if (facts.choices && !facts.choices.includes(value)) {
    throw new UsageError(`--${name} is one of ${facts.choices.join(', ')}, not ${value}.`);
  }
  return value;
}

function unknownOption(given: string, name: string, write: (name: string) => string): UsageError {
  const nearest = Object.keys(serveOptions)
    .map((option) => ({ option, distance: editDistance(option, name.replaceAll('_', '-')) }))
    .reduce((best, each) => (each.distance < best.distance ? each : best));
  const hint = nearest.distance <= 3 ? ` Did you mean ${write(nearest.option)}?` : ' See --help.';
  return new UsageError(`There is no option ${given}.${hint}`);
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substitution, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row.at(-1)!;
}
