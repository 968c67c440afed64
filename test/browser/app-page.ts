// A window of an app that keeps its documents in the browser, driven from here.
import type { BrowserContext, CDPSession, Page } from 'playwright-core';
import type { OfflineApp } from './offline-page.ts';

/** What it is opened with. */
export interface AppSettings {
  readonly sync: string;
  readonly document?: string;
  /** So many bytes may it keep. */
  readonly maxBytes?: number | undefined;
}

/** What the page can do, from here. */
export class AppPage implements Record<Exclude<keyof OfflineApp, 'typeOn' | 'close' | 'local'>, unknown> {
  readonly page: Page;
  sockets = 0;
  #session: CDPSession | undefined;

  constructor(page: Page) {
    this.page = page;
    page.on('websocket', () => this.sockets++);
  }

  /** Another window of this profile. */
  static async open(
    context: BrowserContext,
    url: string,
    { sync, document = 'notes/today', maxBytes }: AppSettings,
  ): Promise<AppPage> {
    const opened = new AppPage(await context.newPage());
    // Before the database is there: for half a minute Chromium goes by the space that it has seen last.
    if (maxBytes !== undefined) await opened.allow(url, maxBytes);
    await opened.page.goto(`${url}?${new URLSearchParams({ sync, document }).toString()}`);
    await opened.page.waitForFunction(() => 'offlineApp' in window);
    return opened;
  }

  async write(letters: string): Promise<void> {
    await this.page.evaluate((text) => window.offlineApp.write(text), letters);
  }

  async remove(letters: string): Promise<void> {
    await this.page.evaluate((text) => window.offlineApp.remove(text), letters);
  }

  async text(): Promise<string> {
    return this.page.evaluate(() => window.offlineApp.text());
  }

  async loaded(): Promise<void> {
    await this.page.evaluate(async () => window.offlineApp.loaded());
  }

  async saved(): Promise<string> {
    return this.page.evaluate(async () => window.offlineApp.saved());
  }

  async savedHere(): Promise<string> {
    return this.page.evaluate(async () => window.offlineApp.savedHere());
  }

  async trouble(): Promise<string | undefined> {
    return this.page.evaluate(() => window.offlineApp.trouble());
  }

  async status(): Promise<ReturnType<OfflineApp['status']>> {
    return this.page.evaluate(() => window.offlineApp.status());
  }

  /** So many bytes may be kept, or as many as ever. */
  async allow(url: string, maxBytes?: number): Promise<void> {
    // It holds for as long as the session lives.
    this.#session ??= await this.page.context().newCDPSession(this.page);
    const { origin } = new URL(url);
    await this.#session.send('Storage.overrideQuotaForOrigin', {
      origin,
      ...(maxBytes && { quotaSize: maxBytes }),
    });
  }
}
