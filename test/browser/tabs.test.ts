// Tabs of one origin that share a connection, in a real Chromium, against a real server.
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AppServer } from '../support/app-server.ts';
import { openBrowser } from '../support/browser.ts';
import { bundle } from '../support/bundle.ts';
import { metric } from '../support/metric.ts';
import { ServerProcess, temporaryFolder } from '../support/server.ts';
import { storedDocument } from '../support/stored-updates.ts';
import { until } from '../support/until.ts';
import type { Tab } from './tabs-page.ts';

describe('tabs in a browser', () => {
  let browser: Browser;
  let app: AppServer;
  let server: ServerProcess;
  let context: BrowserContext;
  const folder = temporaryFolder();
  beforeAll(async () => {
    [browser, server] = await Promise.all([openBrowser(), ServerProcess.start({ data: folder.path })]);
    app = await AppServer.start(await bundle(fileURLToPath(new URL('./tabs-page.ts', import.meta.url))));
  });
  afterAll(async () => {
    await Promise.all([browser.close(), server.end('SIGKILL')]);
    await app[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });
  beforeEach(async () => {
    context = await browser.newContext();
  });
  afterEach(async () => {
    await context.close();
    await until('the server has nobody', async () => (await metric(server, 'connections')) === 0);
  });

  async function open(): Promise<AppTab> {
    const page = new AppTab(await context.newPage());
    await page.page.goto(`${app.url}?sync=${encodeURIComponent(server.sync)}`);
    await page.connected();
    return page;
  }

  const connections = async (): Promise<number> => metric(server, 'connections');
  const stored = (): string => storedDocument(folder.path, 'notes/today').getText('content').toJSON();

  /** Two tabs that have edited the document over one socket, which is the first one's. */
  async function pair(): Promise<readonly [AppTab, AppTab]> {
    const first = await open();
    expect(await first.call('role')).toBe('leader');
    const second = await open();
    expect(await second.call('role')).toBe('follower');
    await first.types('first. ');
    await second.types('second. ');
    await until('they agree', async () => (await first.call('text')) === (await second.call('text')));
    expect(await second.call('text')).toBe(stored());
    expect([first.sockets, second.sockets, await connections()]).toEqual([1, 0, 1]);
    return [first, second];
  }

  it('[TAB1] [TAB3] [TAB4] [TAB9] two pages have one socket, and the second goes on when the first is closed', async () => {
    const [first, second] = await pair();
    await first.call('tell');
    await until('the second is told', async () => (await second.call('told')) === 1);
    const name = await first.call('name');
    expect(await second.call('gone')).toEqual([]);

    await first.page.close();
    await until('the second leads', async () => (await second.call('role')) === 'leader', 2_000);
    await second.types('alone. ');
    expect(stored().endsWith('alone. ')).toBe(true);
    expect(await second.call('gone')).toEqual([name]);
    expect([second.sockets, await connections()]).toEqual([1, 1]);
    expect([...first.complaints, ...second.complaints]).toEqual([]);
  });

  it('[TAB1] another page leads at once when the one that leads is told that it will be frozen, and within seconds when it crashes', async () => {
    const [first, second] = await pair();
    await first.page.evaluate(() => document.dispatchEvent(new Event('freeze')));
    await until('the second leads', async () => (await second.call('role')) === 'leader', 2_000);
    await second.types('while it is frozen. ');
    expect(await connections()).toBe(1);
    await first.page.evaluate(() => document.dispatchEvent(new Event('resume')));
    await until('the first is back', async () => (await first.call('text')) === (await second.call('text')));
    expect(await first.call('role')).toBe('follower');
    await first.types('and back. ');
    await second.page.evaluate(() => dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true })));
    await until('the first leads', async () => (await first.call('role')) === 'leader', 2_000);
    await second.page.evaluate(() => dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true })));
    await second.types('again. ');
    expect([await second.call('role'), await connections()]).toEqual(['follower', 1]);

    const third = await open();
    const crashed = first.page.waitForEvent('crash');
    void (await context.newCDPSession(first.page)).send('Page.crash').catch(() => {});
    await crashed;
    await until(
      'one of the others leads',
      async () => (await second.call('role')) === 'leader' || (await third.call('role')) === 'leader',
      5_000,
    );
    await third.types('after a crash. ');
    await second.types('and more. ');
    await until('all agree', async () => (await second.call('text')) === (await third.call('text')));
    await until('nobody else is connected', async () => (await connections()) === 1);
    expect([...first.complaints, ...second.complaints, ...third.complaints]).toEqual([]);
  });

  it('[TAB2] a page that hangs with the lead is robbed of it, and follows when it goes on', async () => {
    const [first, second] = await pair();
    const devtools = await context.newCDPSession(first.page);
    await devtools.send('Debugger.enable');
    await devtools.send('Debugger.pause');
    // What it does next is what it stops at.
    const hung = first.page.evaluate(() => performance.now());
    const startMs = performance.now();
    await until('the second leads', async () => (await second.call('role')) === 'leader', 15_000);
    const tookMs = performance.now() - startMs;
    expect(tookMs).toBeGreaterThan(3_000);
    await second.types('while it hung. ');
    expect(stored().endsWith('while it hung. ')).toBe(true);
    console.info(`the second page leads after ${Math.round(tookMs)} ms`);
    await devtools.send('Debugger.disable');
    await hung;
    await until('the first follows', async () => (await first.call('role')) === 'follower');
    await first.types('on it goes. ');
    await until('they agree', async () => (await first.call('text')) === (await second.call('text')));
    await until('one socket is left', async () => (await connections()) === 1);
    expect(await second.call('role')).toBe('leader');
    expect([...first.complaints, ...second.complaints]).toEqual([]);
  });

  it('[TAB8] a page of an origin without locks has a socket of its own', async () => {
    const page = await context.newPage();
    // A frame without an origin of its own gets no module from elsewhere without being allowed to.
    await page.route('**/app.js', async (route) => {
      const response = await route.fetch();
      await route.fulfill({
        response,
        headers: { ...response.headers(), 'access-control-allow-origin': '*' },
      });
    });
    const framed = `${app.url}?sync=${encodeURIComponent(server.sync)}`;
    await page.route('**/framed', (route) =>
      route.fulfill({
        contentType: 'text/html',
        body: `<iframe sandbox="allow-scripts" src="${framed}"></iframe>`,
      }),
    );
    await page.goto(`${app.url}framed`);
    await until('the frame is there', () => page.frames().length === 2);
    const frame = page.frames()[1]!;
    await until(
      'it knows that it is alone',
      async () => (await frame.evaluate(() => window.tab?.role())) === 'solo',
    );
  });
});

/** The app in one page. */
class AppTab {
  readonly page: Page;
  /** Errors that the page threw. */
  readonly complaints: string[] = [];
  /** How many it has opened. */
  sockets = 0;

  constructor(page: Page) {
    this.page = page;
    page.on('pageerror', (error) => this.complaints.push(error.message));
    page.on('websocket', () => this.sockets++);
  }

  async call<Name extends Exclude<keyof Tab, 'write'>>(name: Name): Promise<Awaited<ReturnType<Tab[Name]>>> {
    return this.page.evaluate((called) => window.tab[called](), name) as Promise<
      Awaited<ReturnType<Tab[Name]>>
    >;
  }

  async connected(): Promise<void> {
    await until('it is connected', async () => (await this.call('connection')) === 'connected');
  }

  /** Resolves when the server has it. */
  async types(letters: string): Promise<void> {
    await this.page.evaluate((typed) => window.tab.write(typed), letters);
    await this.call('saved');
  }
}
