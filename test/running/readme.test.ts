import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { StockClient } from '../support/client.ts';
import { ServerProcess, temporaryFolder } from '../support/server.ts';
import { until } from '../support/until.ts';

const root = join(import.meta.dirname, '../..');
const documents = [
  'README.md',
  'ARCHITECTURE.md',
  'CONTRIBUTING.md',
  'SPEC.md',
  'PROTOCOL.md',
  'client/README.md',
  'docs/access.md',
  'docs/automerge-repo.md',
  'docs/cluster.md',
  'docs/hocuspocus.md',
  'docs/moving.md',
  'docs/replication.md',
];

const examples = [...readFileSync(join(root, 'README.md'), 'utf8').matchAll(/```js\n([\s\S]*?)```/g)];

it.each([
  ['[SDK1] through the SDK', examples[0]![1]!],
  ['[YWS1] through a stock provider', examples[1]![1]!],
])('the example %s does what it says', async (_, example) => {
  using folder = temporaryFolder();
  await using server = await ServerProcess.start({ data: folder.path });
  const source = example.replace('ws://127.0.0.1:7070', `ws://127.0.0.1:${server.port}`);
  expect(source).not.toBe(example);
  const app = spawn(process.execPath, ['--input-type=module', '--eval', source], {
    cwd: join(root, 'test'),
    stdio: 'ignore',
  });
  try {
    using reader = await new StockClient({ url: server.yjs, document: 'notes/today' }).synced();
    await until('what the example typed arrives', () => reader.text.toJSON() === 'hello');
  } finally {
    app.kill();
  }
});

it.each(documents)('every file that %s links to is there', (name) => {
  const text = readFileSync(join(root, name), 'utf8');
  const targets = [...text.matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)].map(([, target]) => target!);
  expect(targets.filter((target) => !existsSync(join(root, dirname(name), target)))).toEqual([]);
});
