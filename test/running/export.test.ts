import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { documentIdOf } from '@syncline/shared';
import { begun, BothClient } from '../support/automerge-client.ts';
import { StockClient } from '../support/client.ts';
import { ServerProcess, temporaryFolder } from '../support/server.ts';
import { until } from '../support/until.ts';

const main = join(import.meta.dirname, '../../server/src/main.ts');

it('[ENG5] a document is exported as JSON and as text, beside the server that has it open', async () => {
  using folder = temporaryFolder();
  await using server = await ServerProcess.start({ data: folder.path });
  using anna = await new StockClient({ url: server.yjs, document: 'notes/today' }).synced();
  using ben = await new StockClient({ url: server.yjs, document: 'notes/today' }).synced();
  anna.text.insert(0, 'hello');
  anna.doc.getMap('meta').set('done', true);
  await until('ben has it', () => ben.doc.getMap('meta').get('done') === true);
  const json = syncline(['export', 'notes/today', '--data', folder.path]);
  expect(json.status).toBe(0);
  expect(JSON.parse(json.stdout)).toEqual({ content: 'hello', meta: { done: true } });
  expect(syncline(['export', 'notes/today', '--data', folder.path, '--format', 'text']).stdout).toBe(
    'hello\n',
  );
  const config = join(folder.path, 'config.json');
  writeFileSync(config, JSON.stringify({ data: folder.path, port: 1 }));
  expect(syncline(['export', 'notes/today', '--config', config, '--format', 'text']).stdout).toBe('hello\n');
  const missing = syncline(['export', 'notes/tomorrow', '--data', folder.path]);
  expect(missing).toMatchObject({
    status: 1,
    stderr: `There is no document notes/tomorrow in ${folder.path}.\n`,
  });
});

it('[ENG5] [ARP9] an Automerge document is exported by its name, and by what automerge-repo calls it', async () => {
  using folder = temporaryFolder();
  await using server = await ServerProcess.start({ data: folder.path });
  await using anna = new BothClient({ url: server.sync });
  const notes = anna.notes('todo', begun(['first']));
  await notes.saved();
  for (const name of ['todo', documentIdOf('todo'), notes.url]) {
    const { status, stdout } = syncline(['export', name, '--data', folder.path]);
    expect([status, JSON.parse(stdout)]).toEqual([0, { text: '', lines: ['first'] }]);
  }
  const text = syncline(['export', 'todo', '--data', folder.path, '--format', 'text']);
  expect(text).toMatchObject({ status: 1, stderr: expect.stringMatching(/^[A-Z].*export it as JSON.*\n$/) });
});

function syncline(words: readonly string[]) {
  return spawnSync(process.execPath, [main, ...words], { encoding: 'utf8' });
}
