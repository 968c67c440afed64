// Writes the docs that are made from the source: docs/configuration.md, docs/errors.md, docs/limits.md and the table of layers in
// ARCHITECTURE.md. With --check it only compares, and fails when one of them is not what the source says.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type ErrorCode, errorTable } from '@syncline/shared';
import { httpStatus } from '@syncline/server/http/status.ts';
import { commands, type OptionTable } from '@syncline/server/cli/options.ts';
import { defaultText, environmentName } from '@syncline/server/cli/read-options.ts';

const root = dirname(import.meta.dirname);
const isCheck = process.argv.includes('--check');

write('docs/configuration.md', configuration());
write('docs/errors.md', errors());
write('docs/limits.md', limits());
write('ARCHITECTURE.md', withLayers(read('ARCHITECTURE.md')));

function configuration(): string {
  const sections = Object.entries(commands).map(
    ([usage, { what, options }]) => `## syncline ${usage}\n\n${what}\n\n${optionTable(options)}`,
  );
  return `# Configuration

<!-- Made by scripts/docs.ts from server/src/cli/options.ts. -->

A flag wins over the environment, the environment over the config file: a JSON object whose keys are the names without the
dashes, such as \`{ "port": 8080, "peer": ["ws://10.0.0.2:7070/replicate"] }\`. Where an option repeats, the environment has commas.

${sections.join('\n\n')}
`;
}

function optionTable(table: OptionTable): string {
  const rows = Object.entries(table).map(([name, facts]) => [
    `\`--${name}${facts.value ? ` ${facts.value}` : ''}\``,
    `\`${environmentName(name)}\``,
    defaultText(facts) ?? '',
    facts.help + (facts.choices ? ` One of ${facts.choices.join(', ')}.` : ''),
  ]);
  return markdownTable(['flag', 'environment', 'default', 'what'], rows);
}

function errors(): string {
  const rows = Object.entries(errorTable).map(([code, { close, retry, means }]) => [
    `<a id="${code}"></a>\`${code}\``,
    String(close),
    String(httpStatus[code as ErrorCode]),
    retry,
    means,
  ]);
  return `# Errors

<!-- Made by scripts/docs.ts from shared/src/error.ts. -->

Close codes from 4400 to 4499 tell a stock y-websocket client (3.1 and later) to stop; after any other it connects again.
The native protocol says code and detail in a message and closes the connection only where the error is the connection's; what is
not refused for good its client tries again by itself. *Again* says what is worth doing: \`never\` the same thing, \`later\`, or \`now\`.

${markdownTable(['code', 'close', 'HTTP', 'again', 'means'], rows)}
`;
}

function limits(): string {
  const tables = [
    'server/src/core/limits.ts',
    'server/src/socket/limits.ts',
    'server/src/replication/limits.ts',
    'server/src/auth/token.ts',
    'server/src/dialect/throttle.ts',
    'server/src/dialect/hocuspocus/limits.ts',
    'shared/src/wire/life.ts',
    'shared/src/wire/field.ts',
    'shared/src/wire/ephemeral.ts',
    'server/src/engine/yjs/check.ts',
  ].map((file) => {
    const constants = [
      ...read(file).matchAll(/\/\*\*((?:(?!\*\/)[\s\S])*?)\*\/\nexport const (\w+) = ([^;]+);/g),
    ];
    const rows = constants.map(([, why, name, value]) => [
      `\`${name}\``,
      `\`${value}\``,
      why!
        .replaceAll(/\s*\n \* ?/g, ' ')
        .replaceAll(/\s+/g, ' ')
        .trim(),
    ]);
    return `## ${file}\n\n${markdownTable(['limit', 'value', 'why'], rows)}`;
  });
  return `# Limits

<!-- Made by scripts/docs.ts from the constants and their comments. -->

${tables.join('\n\n')}
`;
}

function withLayers(text: string): string {
  const { layers } = JSON.parse(read('layers.json')) as {
    layers: { name: string; folders: string[]; imports: string[] }[];
  };
  const rows = layers.map(({ name, folders, imports }) => [
    name,
    folders.map((folder) => `\`${folder}\``).join(', '),
    imports.join(', ') || 'nothing of ours',
  ]);
  const table = markdownTable(['layer', 'folders', 'may import'], rows);
  return text.replace(/(<!-- layers -->\n)[\s\S]*?(\n<!-- \/layers -->)/, `$1\n${table}\n$2`);
}

function markdownTable(head: readonly string[], rows: readonly (readonly (string | undefined)[])[]): string {
  const lines = [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
  return lines.join('\n');
}

function read(file: string): string {
  return readFileSync(join(root, file), 'utf8');
}

function write(file: string, text: string): void {
  if (!isCheck) return writeFileSync(join(root, file), text);
  if (read(file) === text) return;
  console.error(`${file} is not what the source says; run npm run docs`);
  process.exitCode = 1;
}
