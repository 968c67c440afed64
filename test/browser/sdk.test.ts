// The built client SDK in a real Chromium, against a real server.
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { AppServer } from '../support/app-server.ts';
import { openBrowser } from '../support/browser.ts';
import { bundle } from '../support/bundle.ts';
import { metric } from '../support/metric.ts';
import { ServerProcess, temporaryFolder } from '../support/server.ts';
import { SlowProxy } from '../support/slow-proxy.ts';
import { storedDocument } from '../support/stored-updates.ts';
import { until } from '../support/until.ts';
import type { App } from './sdk-page.ts';

describe('the client SDK in a browser', () => {
  let browser: Browser;
  let app: AppServer;
  beforeAll(async () => {
    browser = await openBrowser();
    app = await AppServer.start(await bundle(fileURLToPath(new URL('./sdk-page.ts', import.meta.url))));
  });
  afterAll(async () => {
    await browser.close();
    await app[Symbol.asyncDispose]();
  });
  afterEach(() => Promise.all(browser.contexts().map((context) => context.close())));

  /** A page in a profile of its own, which reaches the server by this address. */
  async function open(sync: string): Promise<AppPage> {
    const context = await browser.newContext();
    const opened = new AppPage(await context.newPage());
    await opened.page.goto(`${app.url}?sync=${encodeURIComponent(sync)}`);
    return opened;
  }

  it('[SDK1] [SDK2] [SDK4] [SDK6] two pages edit a document, and one that was offline catches up at once when it is back', async () => {
    using folder = temporaryFolder();
    await using server = await ServerProcess.start({ data: folder.path });
    await using link = await SlowProxy.open({ port: server.port });
    const [anna, ben] = await Promise.all([open(link.sync), open(server.sync)]);
    const stored = (): string => storedDocument(folder.path, 'notes/today').getText('content').toJSON();
    expect(await anna.isSavedOn('Both are here. ')).toBe(false);
    await anna.saved();
    expect(stored()).toBe('Both are here. ');
    await until('ben has it', async () => (await ben.text()) === 'Both are here. ');
    expect(await ben.status()).toMatchObject({ uploads: { isSaved: true }, downloads: { state: 'current' } });

    await anna.page.context().setOffline(true);
    link.down();
    await until('anna is offline', async () => (await anna.status()).connection.state === 'waiting');
    await anna.write('Typed offline. ');
    await ben.write('Typed elsewhere. ');
    await ben.saved();
    expect(await anna.status()).toMatchObject({
      uploads: { isSaved: false, edits: 1 },
      downloads: { state: 'waiting' },
    });
    expect(stored()).toBe('Both are here. Typed elsewhere. ');
    expect(await anna.text()).toBe('Both are here. Typed offline. ');

    // By itself it would not try again for a while: it does because the browser says that the network is back.
    await until('the next attempt is far off', async () => (await anna.pauseMs()) > 4_000, 60_000);
    link.up();
    await anna.page.context().setOffline(false);
    await until('anna is back', async () => (await anna.status()).connection.state === 'connected', 3_000);
    await anna.saved();
    await until('they agree', async () => (await anna.text()) === (await ben.text()));
    const all = await anna.text();
    expect(all).toHaveLength('Both are here. Typed offline. Typed elsewhere. '.length);
    expect(stored()).toBe(all);
    expect(await anna.status()).toMatchObject({
      connection: { state: 'connected' },
      uploads: { isSaved: true, edits: 0 },
      downloads: { state: 'current' },
    });
    expect([...anna.complaints, ...ben.complaints]).toEqual([]);
  });

  it('[SDK8] a page that closes its client leaves no socket', async () => {
    using folder = temporaryFolder();
    await using server = await ServerProcess.start({ data: folder.path });
    const anna = await open(server.sync);
    await anna.write('Typed. ');
    await anna.saved();
    expect(await metric(server, 'connections')).toBe(1);
    await anna.page.evaluate(() => window.app.close());
    expect(await anna.status()).toMatchObject({ connection: { state: 'closed' } });
    await until('the server has nobody', async () => (await metric(server, 'connections')) === 0);
  });
});

/** The app in one page. */
class AppPage {
  readonly page: Page;
  /** Errors that the page threw. */
  readonly complaints: string[] = [];

  constructor(page: Page) {
    this.page = page;
    page.on('pageerror', (error) => this.complaints.push(error.message));
  }

  async write(letters: string): Promise<void> {
    await this.page.evaluate((typed) => window.app.write(typed), letters);
  }

  /** What the status says in the turn in which something is typed. */
  async isSavedOn(letters: string): Promise<boolean> {
    return this.page.evaluate((typed) => {
      window.app.write(typed);
      return window.app.status().uploads.isSaved;
    }, letters);
  }

  async saved(): Promise<void> {
    await this.page.evaluate(() => window.app.saved());
  }

  async text(): Promise<string> {
    return this.page.evaluate(() => window.app.text());
  }

  async status(): Promise<ReturnType<App['status']>> {
    return this.page.evaluate(() => window.app.status());
  }

  async pauseMs(): Promise<number> {
    return this.page.evaluate(() => window.app.pauseMs());
  }
}
