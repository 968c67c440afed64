// A server that is started in code, as docs/hocuspocus.md shows it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, it } from 'vitest';
import { HocuspocusClient } from '../support/hocuspocus-client.ts';
import { temporaryFolder } from '../support/server.ts';
import { until } from '../support/until.ts';

const root = join(import.meta.dirname, '../..');
const [, example] = readFileSync(join(root, 'docs/hocuspocus.md'), 'utf8').match(/```ts\n([\s\S]*?)```/)!;

it('[HOC9] the example of a server with a hook replies, broadcasts, and ends when it is told to', async () => {
  using folder = temporaryFolder();
  const file = join(folder.path, 'app.mts');
  writeFileSync(file, example!.replaceAll("'./src/", `'${join(root, 'server/src')}/`));
  const app = spawn(process.execPath, [file, '--port', '0', '--data', join(folder.path, 'data')], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  try {
    const [line] = (await once(createInterface(app.stdout), 'line')) as [string];
    const url = `${line.match(/http:\S+/)![0].replace('http', 'ws')}/hocuspocus`;
    using anna = await HocuspocusClient.on(url, '4.8', { document: 'notes' }).synced();
    using ben = await HocuspocusClient.on(url, '4.8', { document: 'notes' }).synced();
    anna.provider.sendStateless('who is the server?');
    anna.provider.sendStateless('hello');
    await until('ben hears it', () => ben.payloads.length > 0);
    await until('anna hears both', () => anna.payloads.length > 1);
    expect([anna.payloads, ben.payloads]).toEqual([['Syncline', 'notes: hello'], ['notes: hello']]);
    app.kill('SIGTERM');
    expect(await once(app, 'exit')).toEqual([0, null]);
  } finally {
    app.kill('SIGKILL');
  }
});
