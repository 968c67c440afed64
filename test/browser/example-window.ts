// One window of an example, in a browser profile of its own: windows share nothing but the server.
/// <reference lib="dom" />
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { until } from '../support/until.ts';

export class ExampleWindow {
  readonly page: Page;
  /** What has the role of a text and the name that all examples give it. */
  readonly text: Locator;
  readonly people: Locator;
  readonly cursorNames: Locator;
  /** Where the page's sockets went, without what follows the path. */
  readonly sockets: string[] = [];
  /** What the page has complained of: thrown errors, and errors on its console. */
  readonly complaints: string[] = [];

  private constructor(page: Page) {
    this.page = page;
    this.text = page.getByRole('textbox', { name: 'Text of the document' });
    this.people = page.getByRole('list', { name: 'People here' }).getByRole('listitem');
    this.cursorNames = page.locator('.cursor-name');
    page.on('pageerror', (error) => this.complaints.push(error.message));
    page.on('console', (message) => message.type() === 'error' && this.complaints.push(message.text()));
    page.on('websocket', (socket) => this.sockets.push(socket.url().replace(/\?.*/s, '')));
  }

  static async open(
    browser: Browser,
    url: string,
    options: BrowserContextOptions = {},
  ): Promise<ExampleWindow> {
    const context = await browser.newContext(options);
    const window = new ExampleWindow(await context.newPage());
    await window.page.goto(url);
    return window;
  }

  async type(sentence: string): Promise<void> {
    await this.text.focus();
    await this.page.keyboard.type(sentence);
  }

  /** The text, or only what of it is in such elements, without what is drawn into it. */
  async value(selector?: string): Promise<string> {
    return this.text.evaluate((content: HTMLElement, within: string | undefined) => {
      const copy = content.cloneNode(true) as HTMLElement;
      for (const drawn of copy.querySelectorAll('.cursor, .cm-placeholder')) drawn.remove();
      const parts = within ? [...copy.querySelectorAll(within)] : [copy];
      return parts.map((part) => part.textContent).join('');
    }, selector);
  }

  /** What the status line says. */
  async status(): Promise<string> {
    return (await this.page.locator('#status-words').textContent())!;
  }

  async says(sentence: string): Promise<void> {
    await until(`the status line says '${sentence}'`, async () => (await this.status()) === sentence).catch(
      async (error: unknown) => {
        throw new Error(`it says '${await this.status()}'`, { cause: error });
      },
    );
  }

  /** What the client says of itself under this name. */
  async fact(name: string): Promise<string | null> {
    return this.page
      .locator('dl div', { has: this.page.getByText(name, { exact: true }) })
      .locator('dd')
      .textContent();
  }

  /** The source that is shown, and in it the line that changes. */
  async source(): Promise<{ lines: string[]; changed: string }> {
    const shown = this.page.getByRole('region', { name: 'Source of the connection' });
    const lines = (await shown.textContent())!.split('\n').slice(0, -1);
    return { lines, changed: (await shown.locator('mark').textContent())!.trim() };
  }

  /** Once the server is there again: what it says then. */
  async returns(sentence: string): Promise<void> {
    const back = this.says(sentence);
    // It may have tried by itself before the button is found.
    await Promise.any([this.page.getByRole('button', { name: 'Try now' }).click(), back]);
    await back;
  }

  /** The names of those who are here, this window's first. */
  async names(): Promise<string[]> {
    const names = await this.page.locator('.person-name').allTextContents();
    return names.map((name) => name.replace(/ \(you\)$/, ''));
  }

  /** Waits until this window shows that one among the people. */
  async sees(other: ExampleWindow): Promise<void> {
    const [name] = await other.names();
    await until(`${name} is here`, async () => (await this.names()).includes(name!));
  }
}
