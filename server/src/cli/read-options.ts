// Reads options from flags, environment and config file by their table; a misspelling is answered by name.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { commands, type OptionFacts, type Options, type OptionTable } from './options.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

const everyOption: OptionTable = Object.assign(
  {},
  ...Object.values(commands).map(({ options }) => options),
) as OptionTable;

/** A token is no option: whoever lists the processes of a machine would read it. The other one is that of our tests. */
const otherVariables = new Set(['SYNCLINE_TOKEN', 'SYNCLINE_CHROMIUM']);

/** The operator wrote something that cannot be meant. The message is one sentence. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Flags win over the environment, the environment over the config file. Throws UsageError. */
export function readOptions<Table extends OptionTable>(
  table: Table,
  flags: readonly string[],
  environment: Environment,
): Options<Table> {
  const fromFlags = readFlags(table, flags);
  const fromEnvironment = readEnvironment(environment);
  const file = fromFlags['config'] ?? fromEnvironment['config'];
  const fromFile = typeof file === 'string' ? readFile(file) : {};
  const given = { ...fromFile, ...fromEnvironment, ...fromFlags };
  const entries = Object.entries(table).map(([name, facts]) => [
    name,
    name in given ? check(name, facts, given[name]) : facts.default,
  ]);
  return Object.fromEntries(entries) as Options<Table>;
}

export function environmentName(option: string): string {
  return `SYNCLINE_${option.toUpperCase().replaceAll('-', '_')}`;
}

/** One line an option, for help. */
export function describeOptions(table: OptionTable): string {
  return Object.entries(table)
    .map(([name, facts]) => {
      const flag = `--${name}${facts.value ? ` ${facts.value}` : ''}`;
      const normally = defaultText(facts);
      const rest = normally === undefined ? '' : ` Default: ${normally}.`;
      return `  ${flag.padEnd(22)} ${facts.help}${rest}\n${' '.repeat(25)}(${environmentName(name)})`;
    })
    .join('\n');
}

/** Takes the words that are no flags out of the front of a command's arguments. */
export function leadingWords(words: readonly string[]): {
  names: readonly string[];
  flags: readonly string[];
} {
  const first = words.findIndex((word) => word.startsWith('-'));
  const end = first < 0 ? words.length : first;
  return { names: words.slice(0, end), flags: words.slice(end) };
}

/** What an option is when nobody says anything; undefined when that goes without saying. */
export function defaultText({ type, default: value, defaultText: text }: OptionFacts): string | undefined {
  if (text !== undefined) return text;
  return value === undefined || type === 'boolean' || type === 'list' ? undefined : String(value);
}

function readFlags(table: OptionTable, flags: readonly string[]): Record<string, unknown> {
  const options = Object.fromEntries(
    Object.entries(table).map(([name, { type }]) => [
      name,
      { type: type === 'boolean' ? ('boolean' as const) : ('string' as const), multiple: type === 'list' },
    ]),
  );
  try {
    return parseArgs({ args: [...flags], options, strict: true, allowNegative: true }).values;
  } catch (error) {
    const unknown = /Unknown option '--(?:no-)?([^']+)'/.exec((error as Error).message)?.[1];
    if (unknown !== undefined) throw unknownOption(table, `--${unknown}`, unknown, (name) => `--${name}`);
    throw new UsageError((error as Error).message.split('\n')[0]);
  }
}

function readEnvironment(environment: Environment): Record<string, unknown> {
  // A variable may be meant for another command, so all of them are known to each.
  const byName = new Map(Object.keys(everyOption).map((name) => [environmentName(name), name]));
  const values: Record<string, unknown> = {};
  for (const [variable, value] of Object.entries(environment)) {
    if (value === undefined || !variable.startsWith('SYNCLINE_') || otherVariables.has(variable)) continue;
    const name = byName.get(variable);
    if (name === undefined) {
      throw unknownOption(
        everyOption,
        variable,
        variable.slice('SYNCLINE_'.length).toLowerCase(),
        environmentName,
      );
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
    // One file may serve all commands, as the environment does.
    if (!(name in everyOption) || name === 'config') {
      throw unknownOption(everyOption, `"${name}" in ${path}`, name, (option) => `"${option}"`);
    }
  }
  return content as Record<string, unknown>;
}

function check(
  name: string,
  facts: OptionFacts,
  value: unknown,
): string | number | boolean | readonly string[] {
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
  if (facts.type === 'list') return checkList(name, value);
  if (typeof value !== 'string' || value === '') throw new UsageError(`--${name} needs a value.`);
  if (facts.choices && !facts.choices.includes(value)) {
    throw new UsageError(`--${name} is one of ${facts.choices.join(', ')}, not ${value}.`);
  }
  return value;
}

function checkList(name: string, value: unknown): readonly string[] {
  const given: readonly unknown[] = Array.isArray(value) ? value : [value];
  const parts = given.flatMap((part) => (typeof part === 'string' ? part.split(',') : ['']));
  const trimmed = parts.map((part) => part.trim());
  if (trimmed.includes('')) throw new UsageError(`--${name} needs a value.`);
  return trimmed;
}

function unknownOption(
  table: OptionTable,
  given: string,
  name: string,
  write: (name: string) => string,
): UsageError {
  const nearest = Object.keys(table)
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
