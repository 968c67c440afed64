// Windows that are left and come back to by history: a real Chromium that keeps their pages in memory meanwhile, as people's browsers do.
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AppServer } from '../support/app-server.ts';
import { openBrowser } from '../support/browser.ts';
import { bundle } from '../support/bundle.ts';
import { metric } from '../support/metric.ts';
import { ServerProcess, temporaryFolder } from '../support/server.ts';
import { SlowProxy } from '../support/slow-proxy.ts';
import { storedDocument } from '../support/stored-updates.ts';
import { until } from '../support/until.ts';
import { AppPage } from './app-page.ts';

describe('a window that is left and come back to', () => {
  let browser: Browser;
  let app: AppServer;
  let elsewhere: AppServer;
  let server: ServerProcess;
  let link: SlowProxy;
  let folder: ReturnType<typeof temporaryFolder>;
  let context: BrowserContext;
  beforeAll(async () => {
    browser = await openBrowser({ hasBackForwardCache: true });
    const page = fileURLToPath(new URL('./offline-page.ts', import.meta.url));
    [app, elsewhere] = await Promise.all([AppServer.start(await bundle(page)), AppServer.start('')]);
  });
  afterAll(async () => {
    await browser.close();
    for (const each of [app, elsewhere]) await each[Symbol.asyncDispose]();
  });
  beforeEach(async () => {
    folder = temporaryFolder();
    server = await ServerProcess.start({ data: folder.path });
    link = await SlowProxy.open({ port: server.port });
    context = await browser.newContext();
  });
  afterEach(async () => {
    await context.close();
    await link[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  const open = async (): Promise<AppPage> => AppPage.open(context, app.url, { sync: link.sync });
  const stored = (): string => storedDocument(folder.path, 'notes/today').getText('content').toJSON();
  const roleOf = async (window: AppPage): Promise<string> => (await window.status()).role;

  /** Two windows that have the document, of which the first leads. */
  async function pair(): Promise<readonly [AppPage, AppPage]> {
    const first = await open();
    await first.write('First. ');
    expect(await first.saved()).toBe('done');
    const second = await open();
    await until('the second has it', async () => (await second.text()) === 'First. ');
    await until('it is connected', async () => (await second.status()).connection.state === 'connected');
    return [first, second];
  }

  async function isOffline(...windows: readonly AppPage[]): Promise<void> {
    link.down();
    for (const window of windows)
      await until('it is offline', async () => (await window.status()).connection.state !== 'connected');
  }

  async function leave(page: Page): Promise<void> {
    await page.evaluate(() => Object.assign(globalThis, { isAsItWas: true }));
    await page.goto(elsewhere.url);
  }

  async function leaveKept(window: AppPage): Promise<void> {
    // A page that is left in the midst of a transaction is thrown away when another one has to wait for that.
    expect(await window.savedHere()).toBe('done');
    await leave(window.page);
  }

  async function comeBack(page: Page): Promise<void> {
    // A page that was kept loads nothing.
    await page.goBack({ waitUntil: 'commit' });
    expect(await page.evaluate(() => 'isAsItWas' in globalThis)).toBe(true);
  }

  it('[TAB1] goes on with all that was typed in the other, which has led since', async () => {
    const [first, second] = await pair();
    expect([await roleOf(first), await roleOf(second)]).toEqual(['leader', 'follower']);
    await leaveKept(first);
    await until('the second leads', async () => (await roleOf(second)) === 'leader', 2_000);
    await second.write('Alone. ');
    expect(await second.saved()).toBe('done');

    await comeBack(first.page);
    await until('the first has it', async () => (await first.text()) === 'First. Alone. ');
    await until('the first follows', async () => (await first.status()).connection.state === 'connected');
    await first.write('Back. ');
    expect(await first.saved()).toBe('done');
    await until('the second has it', async () => (await second.text()) === 'First. Alone. Back. ');
    await second.write('Together. ');
    await until('the first has it', async () => (await first.text()).endsWith('Together. '));
    expect(await second.saved()).toBe('done');
    expect([await roleOf(first), await roleOf(second)]).toEqual(['follower', 'leader']);
    expect(await metric(server, 'connections')).toBe(1);
    expect(stored()).toBe('First. Alone. Back. Together. ');
  });

  it('[TAB1] [SDK19] has what it typed offline sent by the other meanwhile, and it is there once', async () => {
    const [first, second] = await pair();
    await isOffline(first, second);
    await first.write('Offline. ');
    await until('the second shows it', async () => (await second.text()) === 'First. Offline. ');
    await leaveKept(first);
    link.up();
    await until('it is on the server', () => stored() === 'First. Offline. ');
    await second.write('Online. ');
    expect(await second.saved()).toBe('done');
    await comeBack(first.page);
    expect(await first.saved()).toBe('done');
    await until('the first has all', async () => (await first.text()) === 'First. Offline. Online. ');
    await until('nothing is unsaved', async () => (await first.status()).uploads.isSaved);
    expect(stored()).toBe('First. Offline. Online. ');
  });

  it('[TAB9] shows what was typed offline meanwhile in the other', async () => {
    const [first, second] = await pair();
    await isOffline(first, second);
    await leaveKept(first);
    await second.write('Offline. ');
    expect(await second.savedHere()).toBe('done');
    await comeBack(first.page);
    await until('the first shows it', async () => (await first.text()) === 'First. Offline. ');
    expect(stored()).toBe('First. ');
    link.up();
    await until('it is on the server', () => stored() === 'First. Offline. ');
    for (const window of [first, second])
      await until('nothing is unsaved', async () => (await window.status()).uploads.isSaved);
  });

  it('[SDK19] sends what was typed offline meanwhile in a window that is closed', async () => {
    const first = await open();
    await first.write('First. ');
    expect(await first.saved()).toBe('done');
    await isOffline(first);
    await leaveKept(first);

    const second = await open();
    await second.loaded();
    await second.write('Left behind. ');
    expect(await second.savedHere()).toBe('done');
    await second.page.close();

    await comeBack(first.page);
    await until('the first shows it', async () => (await first.text()) === 'First. Left behind. ');
    link.up();
    await until('it is on the server', () => stored() === 'First. Left behind. ');
    await until('nothing is unsaved', async () => (await first.status()).uploads.isSaved);
  });

  it('[SDK29] has no connection meanwhile, in an app whose tabs share none either', async () => {
    const entry = fileURLToPath(new URL('./sdk-page.ts', import.meta.url));
    await using alone = await AppServer.start(await bundle(entry));
    const page = await context.newPage();
    await page.goto(`${alone.url}?sync=${encodeURIComponent(link.sync)}`);
    await page.evaluate(async () => {
      window.app.write('First. ');
      return window.app.saved();
    });
    expect(await metric(server, 'connections')).toBe(1);
    await leave(page);
    await until('nobody is there', async () => (await metric(server, 'connections')) === 0);
    await comeBack(page);
    await page.evaluate(async () => {
      window.app.write('Back. ');
      return window.app.saved();
    });
    expect(stored()).toBe('First. Back. ');
    expect(await metric(server, 'connections')).toBe(1);
  });
});
