// One window of the page, in a browser profile of its own: windows share nothing but the server.
/// <reference lib="dom" />
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { until } from '../support/until.ts';

export class Window {
  readonly page: Page;
  readonly text: Locator;
  readonly title: Locator;
  readonly status: Locator;
  readonly people: Locator;
  readonly cursorNames: Locator;
  readonly visited: Locator;
  /** What the browser does not keep. */
  readonly keeping: Locator;
  /** What the page has complained of: thrown errors, and errors on its console. */
  readonly complaints: string[] = [];
  readonly #frames: string[] = [];

  constructor(page: Page) {
    this.page = page;
    this.text = page.getByRole('textbox', { name: 'Text of the document' });
    this.title = page.getByLabel('Document name', { exact: true });
    this.status = page.locator('#status-words');
    this.people = page.getByRole('list', { name: 'People here' }).getByRole('listitem');
    this.cursorNames = page.locator('.cursor-name');
    this.visited = page.locator('#visited').getByRole('link');
    this.keeping = page.locator('#keeping');
    page.on('pageerror', (error) => this.complaints.push(error.message));
    page.on('console', (message) => message.type() === 'error' && this.complaints.push(message.text()));
    page.on('websocket', (socket) =>
      socket.on('framereceived', ({ payload }) => this.#frames.push(payload.toString())),
    );
  }

  static async open(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Window> {
    const context = await browser.newContext(options);
    const window = new Window(await context.newPage());
    await window.page.goto(url);
    return window;
  }

  /** Whether a frame with these letters has reached the window, shown or not. */
  hasReceived(letters: string): boolean {
    return this.#frames.some((frame) => frame.includes(letters));
  }

  async type(sentence: string): Promise<void> {
    await this.text.focus();
    await this.page.keyboard.type(sentence);
  }

  /** Types where nothing is waiting to be saved yet: one key after the other, each of them one change in the status line. */
  async typeOffline(keys: string): Promise<void> {
    for (const [index, key] of keys.split('').entries()) {
      await this.type(key);
      await this.says(`Offline: ${index === 0 ? '1 change' : `${index + 1} changes`} kept on this device`);
    }
  }

  /** The text, without what is drawn into it. */
  async value(): Promise<string> {
    return this.text.evaluate((content: HTMLElement) => {
      const copy = content.cloneNode(true) as HTMLElement;
      for (const drawn of copy.querySelectorAll('.cursor, .cm-placeholder')) drawn.remove();
      return [...copy.querySelectorAll('.cm-line')].map((line) => line.textContent).join('\n');
    });
  }

  async selected(): Promise<string> {
    return this.page.evaluate(() => String(getSelection()));
  }

  async says(sentence: string): Promise<void> {
    await until(
      `the status line says '${sentence}'`,
      async () => (await this.status.textContent()) === sentence,
    ).catch(async (error: unknown) => {
      throw new Error(`it says '${await this.status.textContent()}'`, { cause: error });
    });
  }

  async notes(sentence: string): Promise<void> {
    await until(
      `it notes '${sentence}'`,
      async () => (await this.keeping.isVisible()) && (await this.keeping.textContent()) === sentence,
    );
  }

  /** Whether the browser would ask before it closes the window; it is closed whatever the answer. */
  async asksBeforeClosing(): Promise<boolean> {
    let hasAsked = false;
    this.page.once('dialog', (dialog) => {
      hasAsked = dialog.type() === 'beforeunload';
      void dialog.accept();
    });
    const closed = this.page.waitForEvent('close');
    await this.page.close({ runBeforeUnload: true });
    await closed;
    return hasAsked;
  }
}

/** All windows show the same text, made of these parts in any order and of nothing else. */
export async function agree(windows: readonly Window[], parts: readonly string[]): Promise<void> {
  const length = parts.join('').length;
  const values = (): Promise<string[]> => Promise.all(windows.map((window) => window.value()));
  await until('all windows agree', async () => {
    const texts = await values();
    return texts.every(
      (text) => text.length === length && text === texts[0] && parts.every((part) => text.includes(part)),
    );
  }).catch(async (error: unknown) => {
    throw new Error(`they show ${JSON.stringify(await values())}`, { cause: error });
  });
}
