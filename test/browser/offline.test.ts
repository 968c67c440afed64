// An app that keeps its documents in the browser: real Chromium, its real IndexedDB, and a server that comes and goes.
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContext } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { AppServer } from '../support/app-server.ts';
import { openBrowser } from '../support/browser.ts';
import { bundle } from '../support/bundle.ts';
import { metric } from '../support/metric.ts';
import { SeededRandom } from '../support/random.ts';
import { ServerProcess, temporaryFolder } from '../support/server.ts';
import { SlowProxy } from '../support/slow-proxy.ts';
import { storedDocument } from '../support/stored-updates.ts';
import { until } from '../support/until.ts';
import { AppPage } from './app-page.ts';

/** What a small browser keeps, and more than that. */
const quotaSize = 1_000_000;
const much = `${'much '.repeat(600_000)}. `;

const stored = (folder: string): string => storedDocument(folder, 'notes/today').getText('content').toJSON();

describe('an app that keeps its documents in the browser', () => {
  let browser: Browser;
  let app: AppServer;
  beforeAll(async () => {
    browser = await openBrowser();
    app = await AppServer.start(await bundle(fileURLToPath(new URL('./offline-page.ts', import.meta.url))));
  });
  afterAll(async () => {
    await browser.close();
    await app[Symbol.asyncDispose]();
  });
  afterEach(() => Promise.all(browser.contexts().map((context) => context.close())));

  /** Another window of this profile. */
  async function open(
    context: BrowserContext,
    sync: string,
    { isSmall = false, document = 'notes/today' } = {},
  ): Promise<AppPage> {
    return AppPage.open(context, app.url, { sync, document, maxBytes: isSmall ? quotaSize : undefined });
  }

  it('[SDK19] [SDK20] what was typed offline is there when the window is opened again offline, and saved online', async () => {
    using folder = temporaryFolder();
    await using server = await ServerProcess.start({ data: folder.path });
    await using link = await SlowProxy.open({ port: server.port });
    const context = await browser.newContext();
    const first = await open(context, link.sync);
    await first.write('Online. ');
    expect(await first.saved()).toBe('done');
    link.down();
    await until('it is offline', async () => (await first.status()).connection.state === 'waiting');
    await first.write('Offline. ');
    expect(await first.savedHere()).toBe('done');
    expect((await first.status()).uploads).toMatchObject({ isSaved: false, isKept: true, edits: 1 });
    await first.page.close();

    const second = await open(context, link.sync);
    await second.loaded();
    expect(await second.text()).toBe('Online. Offline. ');
    const { uploads, connection } = await second.status();
    expect(uploads).toMatchObject({ isSaved: false, edits: 1, documents: 1 });
    expect(connection.state).not.toBe('connected');
    expect(stored(folder.path)).toBe('Online. ');
    link.up();
    expect(await second.saved()).toBe('done');
    expect(stored(folder.path)).toBe('Online. Offline. ');
    await until('nothing is unsaved', async () => (await second.status()).uploads.isSaved);
  });

  it('[SDK23] whoever closes the page is asked while something is neither on a server nor on the device', async () => {
    using folder = temporaryFolder();
    await using server = await ServerProcess.start({ data: folder.path });
    const context = await browser.newContext();
    const page = await open(context, server.sync, { isSmall: true });
    let asked = 0;
    page.page.on('dialog', (dialog) => {
      asked++;
      void dialog.accept();
    });
    await page.page.mouse.click(5, 5);
    await page.write('Kept here. ');
    expect(await page.savedHere()).toBe('done');
    await page.page.reload();
    expect(asked).toBe(0);
    await page.page.waitForFunction(() => 'offlineApp' in window);
    await page.loaded();
    await server.end('SIGKILL');
    await until('it is offline', async () => (await page.status()).connection.state === 'waiting');
    await page.write(much);
    await until('it is kept nowhere', async () => (await page.trouble()) === 'full');
    expect((await page.status()).uploads).toMatchObject({ isSaved: false, isKept: false });
    // Of a page with which nobody has done anything the browser does not ask.
    await page.page.mouse.click(5, 5);
    await page.page.reload();
    expect(asked).toBe(1);
  });

  it('[TAB1] [SDK18] two windows have one socket, and when the one that leads is closed the other one goes on', async () => {
    using folder = temporaryFolder();
    await using server = await ServerProcess.start({ data: folder.path });
    const context = await browser.newContext();
    const one = await open(context, server.sync);
    await one.write('From one. ');
    expect(await one.saved()).toBe('done');
    const two = await open(context, server.sync);
    await until('two has it', async () => (await two.text()) === 'From one. ');
    await two.write('From two. ');
    expect(await two.saved()).toBe('done');
    await until('one has it', async () => (await one.text()) === 'From one. From two. ');
    expect([one.sockets + two.sockets, await metric(server, 'connections')]).toEqual([1, 1]);
    expect([(await one.status()).role, (await two.status()).role].toSorted()).toEqual(['follower', 'leader']);
    const [leader, other] = (await one.status()).role === 'leader' ? [one, two] : [two, one];
    await leader.page.close();
    await until('the other one leads', async () => (await other.status()).role === 'leader');
    await other.write('From the other. ');
    expect(await other.saved()).toBe('done');
    expect(stored(folder.path)).toBe('From one. From two. From the other. ');
  });

  it('[TAB1] [SDK19] what a window has typed offline is sent by the other one, when it was closed before', async () => {
    using folder = temporaryFolder();
    await using server = await ServerProcess.start({ data: folder.path });
    await using link = await SlowProxy.open({ port: server.port });
    const context = await browser.newContext();
    const [one, two] = [await open(context, link.sync), await open(context, link.sync)];
    await Promise.all([one.loaded(), two.loaded()]);
    link.down();
    for (const page of [one, two]) {
      await until('it is offline', async () => (await page.status()).connection.state !== 'connected');
    }
    await two.write('Left to the other. ');
    await until('the other shows it', async () => (await one.text()) === 'Left to the other. ');
    expect(await two.savedHere()).toBe('done');
    await two.page.close();
    await until('it is known to be unsaved', async () => !(await one.status()).uploads.isSaved);
    link.up();
    await until('it is on the server', () => stored(folder.path) === 'Left to the other. ');
    expect(await one.saved()).toBe('done');
  });

  it('[TAB9] [SDK19] what a window has not sent is sent by another one that has other documents open', async () => {
    using folder = temporaryFolder();
    await using server = await ServerProcess.start({ data: folder.path });
    await using link = await SlowProxy.open({ port: server.port });
    const context = await browser.newContext();
    const [one, two] = [
      await open(context, link.sync, { document: 'another' }),
      await open(context, link.sync),
    ];
    await until('one leads', async () => (await one.status()).role === 'leader');
    await Promise.all([one.saved(), two.saved()]);
    link.down();
    await until('it is offline', async () => (await two.status()).connection.state !== 'connected');
    await two.write('Left behind. ');
    expect(await two.savedHere()).toBe('done');
    await two.page.close();
    await until('one knows of it', async () => (await one.status()).uploads.documents === 1);
    link.up();
    await until('it is on the server', () => stored(folder.path) === 'Left behind. ');
    await until('nothing is unsaved', async () => (await one.status()).uploads.isSaved);
  });

  it('[SDK20] a full disk and a database that is deleted are seen, and stop nothing', async () => {
    using folder = temporaryFolder();
    await using server = await ServerProcess.start({ data: folder.path });
    const context = await browser.newContext();
    const page = await open(context, server.sync, { isSmall: true });
    await page.write('First. ');
    expect(await page.savedHere()).toBe('done');
    await page.write(much);
    expect(await page.savedHere()).toBe('full');
    expect(await page.trouble()).toBe('full');
    expect(await page.saved()).toBe('done');
    await page.allow(app.url);
    await until('it is kept again', async () => (await page.savedHere()) === 'done', 60_000);
    expect((await page.status()).durability.state).toMatch(/^(evictable|kept)$/);

    // Another window clears the storage away.
    const deleted = await page.page.evaluate(
      async () =>
        new Promise<string>((resolve) => {
          const request = indexedDB.deleteDatabase('app');
          request.addEventListener('success', () => resolve('deleted'));
          request.addEventListener('blocked', () => resolve('blocked'));
          request.addEventListener('error', () => resolve('error'));
        }),
    );
    expect(deleted).toBe('deleted');
    await page.write('After it. ');
    await until('it is kept', async () => (await page.savedHere()) === 'done', 60_000);
    const whole = await page.text();
    await server.end('SIGKILL');
    await page.page.close();
    const again = await open(context, server.sync);
    await again.loaded();
    expect(await again.text()).toBe(whole);
  });

  it('[SDK19] [SDK20] through 200 reloads at random moments nothing is lost and nothing doubled', async () => {
    using folder = temporaryFolder();
    await using server = await ServerProcess.start({ data: folder.path });
    await using link = await SlowProxy.open({ port: server.port });
    const random = new SeededRandom(200);
    const context = await browser.newContext();
    const promised = new Set<string>();
    const page = await open(context, link.sync);
    page.page.on('console', (message) => {
      const [verb, word] = message.text().split(' ');
      if (verb === 'kept' || verb === 'stored') promised.add(word!);
    });
    page.page.on('dialog', (dialog) => void dialog.accept());
    for (let reload = 0; reload < 200; reload++) {
      await page.page.evaluate((name) => window.offlineApp.typeOn(name), `r${reload}`);
      const known = promised.size;
      // Some reloads come before anything is kept, most in the midst of it.
      if (!random.oneIn(4)) await until('something is kept', () => promised.size > known + random.below(6));
      if (random.oneIn(8)) link.down();
      else if (random.oneIn(2)) link.up();
      await page.page.reload();
      await page.page.waitForFunction(() => 'offlineApp' in window);
    }
    link.up();
    await page.loaded();
    expect(await page.saved()).toBe('done');
    const words = (await page.text()).split(' ').filter(Boolean);
    const there = new Set(words);
    expect([...promised].filter((word) => !there.has(word))).toEqual([]);
    expect(there.size).toBe(words.length);
    expect(promised.size).toBeGreaterThan(200);
    expect(stored(folder.path)).toBe(await page.text());
  });
});
