// Automerge documents through the built client SDK, in a real Chromium against a real server.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { AppServer } from '../support/app-server.ts';
import { storedUpdates } from '../support/stored-updates.ts';
import { openBrowser } from '../support/browser.ts';
import { bundle } from '../support/bundle.ts';
import { ServerProcess, temporaryFolder } from '../support/server.ts';
import { until } from '../support/until.ts';

const page = fileURLToPath(new URL('./sdk-automerge-page.ts', import.meta.url));
const readme = fileURLToPath(new URL('../../client/README.md', import.meta.url));
/** As the README says. */
const alias = { find: /^@automerge\/automerge$/, replacement: '@automerge/automerge/slim' };

it('[SDK14] [SDK15] [SDK17] two pages edit a document, see and hear each other, and what they saved is there after a kill', async () => {
  expect(readFileSync(readme, 'utf8')).toContain(
    `{ find: ${String(alias.find)}, replacement: '${alias.replacement}' }`,
  );
  using folder = temporaryFolder();
  await using server = await ServerProcess.start({ data: folder.path });
  await using app = await AppServer.start(await bundle(page, () => false, [alias]));
  await using browser = await openBrowser();
  const complaints: string[] = [];
  const open = async (): Promise<Page> => {
    const opened = await (await browser.newContext()).newPage();
    opened.on('pageerror', (error) => complaints.push(error.message));
    await opened.goto(`${app.url}?sync=${encodeURIComponent(server.sync)}`);
    await opened.waitForFunction(() => 'list' in window);
    return opened;
  };
  const anna = await open();
  await anna.evaluate(() => window.list.begin());
  const ben = await open();
  await ben.waitForFunction(() => window.list.status().downloads.state === 'current');
  await anna.evaluate(() => window.list.write('anna'));
  await ben.evaluate(() => window.list.write('ben'));
  await Promise.all([anna, ben].map((each) => each.evaluate(() => window.list.saved())));
  for (const each of [anna, ben]) {
    await each.waitForFunction(() => window.list.lines().length === 2 && window.list.others() === 1);
  }
  await anna.evaluate(() => window.list.say({ hello: [1, 'ü'] }));
  await until('ben has heard it', async () => (await ben.evaluate(() => window.list.said())).length === 1);
  expect(await ben.evaluate(() => window.list.said())).toEqual([{ hello: [1, 'ü'] }]);
  await server.end('SIGKILL');
  expect(storedUpdates(folder.path, 'list').length).toBeGreaterThanOrEqual(3);
  await anna.evaluate(() => window.list.write('anna, offline'));
  expect(await anna.evaluate(() => window.list.status().uploads)).toMatchObject({ isSaved: false, edits: 1 });
  await using again = await server.restart();
  await anna.evaluate(() => window.list.saved());
  await ben.waitForFunction(() => window.list.lines().length === 3);
  const [hers, his] = await Promise.all([anna, ben].map((each) => each.evaluate(() => window.list.lines())));
  expect([his, complaints, again.port]).toEqual([hers, [], server.port]);
});
