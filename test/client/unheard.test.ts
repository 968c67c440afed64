// What an app is promised, and does not wait for.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { ServerProcess, temporaryFolder } from '../support/server.ts';

it('[SDK27] a process goes on, whatever is rejected that it does not wait for', async () => {
  using folder = temporaryFolder();
  await using server = await ServerProcess.start({ data: folder.path });
  const app = fileURLToPath(new URL('./careless-app.ts', import.meta.url));
  // It rejects where the process ends with anything but 0.
  const { stdout } = await promisify(execFile)(process.execPath, [app, server.sync]);
  expect(stdout).toBe('goes on\n');
});
