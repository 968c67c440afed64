// The examples of docs/access.md, run as they stand.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { GuardedServer } from '../support/guarded-server.ts';
import { SdkClient, textOf } from '../support/sdk-client.ts';
import { until } from '../support/until.ts';

const root = join(import.meta.dirname, '../..');
const [signing, sdk, stock] = [
  ...readFileSync(join(root, 'docs/access.md'), 'utf8').matchAll(/```js\n([\s\S]*?)```/g),
].map(([, source]) => source!);

let guarded: GuardedServer;
let backend: Server;
let tokenFor: (user: string) => Promise<string>;

/** An application's backend that gives Anna tokens, as the first example makes them. */
beforeAll(async () => {
  guarded = await GuardedServer.start();
  // It reads the key from where it stands, and needs the package that it names.
  const folder = join(guarded.data, 'backend');
  mkdirSync(join(folder, 'node_modules'), { recursive: true });
  symlinkSync(join(root, 'server/node_modules/jose'), join(folder, 'node_modules/jose'));
  const module = join(folder, 'tokens.mjs');
  const source = signing!.replace("'token-key'", JSON.stringify(guarded.key.file));
  if (source === signing) throw new Error('the example reads its key from elsewhere');
  writeFileSync(module, source);
  ({ tokenFor } = (await import(pathToFileURL(module).href)) as { tokenFor: typeof tokenFor });
  backend = createServer((_, response) => void tokenFor('anna').then((token) => response.end(token)));
  await once(backend.listen(0, '127.0.0.1'), 'listening');
});

afterAll(async () => {
  backend.closeAllConnections();
  backend.close();
  await guarded[Symbol.asyncDispose]();
});

function run(example: string): ChildProcess {
  const { port } = backend.address() as AddressInfo;
  const source = example
    .replace('ws://127.0.0.1:7070', `ws://127.0.0.1:${guarded.server.port}`)
    .replace('http://127.0.0.1:3000', `http://127.0.0.1:${port}`);
  return spawn(process.execPath, ['--input-type=module', '--eval', source], {
    cwd: dirname(import.meta.dirname),
    stdio: 'ignore',
  });
}

it('[ACC1] [ACC2] a token as it is signed there grants what it says and no more', async () => {
  await using anna = new SdkClient({ url: guarded.server.sync, token: () => tokenFor('anna') });
  const handbook = anna.open('handbook/start');
  await handbook.synced();
  expect(handbook.status.uploads.isAllowed).toBe(false);
  for (const name of ['users/ben/notes', 'handbook/start/here', 'elsewhere']) {
    await expect(anna.open(name).synced()).rejects.toMatchObject({ code: 'forbidden' });
  }
});

it.each([
  ['[SDK5] with the SDK', sdk!],
  ['[YWS1] with a stock provider', stock!],
])('[ACC1] the example %s does what it says', async (_, example) => {
  await using reader = new SdkClient({ url: guarded.server.sync, token: () => tokenFor('anna') });
  const notes = reader.open('users/anna/notes');
  await notes.synced();
  const before = textOf(notes);
  const app = run(example);
  try {
    await until('what the example typed arrives', () => textOf(notes) === `hello${before}`);
  } finally {
    app.kill();
    await once(app, 'close');
  }
});
