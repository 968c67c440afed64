// A window of the cluster demo: three texts, three links, one sentence.
/// <reference lib="dom" />
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { until } from '../support/until.ts';

export const places = ['Lisbon', 'Oslo', 'Nairobi'] as const;
export type Place = (typeof places)[number];

export class ClusterWindow {
  readonly page: Page;
  readonly sentence: Locator;
  /** What the page has complained of: thrown errors, and errors on its console. */
  readonly complaints: string[] = [];

  private constructor(page: Page) {
    this.page = page;
    this.sentence = page.getByRole('heading', { level: 1 });
    page.on('pageerror', (error) => this.complaints.push(error.message));
    page.on('console', (message) => message.type() === 'error' && this.complaints.push(message.text()));
  }

  static async open(
    browser: Browser,
    url: string,
    options: BrowserContextOptions = {},
  ): Promise<ClusterWindow> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
    const window = new ClusterWindow(await context.newPage());
    await window.page.goto(url);
    return window;
  }

  replica(place: Place): Locator {
    return this.page.getByRole('region', { name: place, exact: true });
  }

  text(place: Place): Locator {
    return this.page.getByRole('textbox', { name: `Text in ${place}` });
  }

  link(from: Place, to: Place): Locator {
    return this.page.getByRole('switch', { name: `Link ${from} – ${to}` });
  }

  /** What is said of a link, below its switch. */
  linkFacts(from: Place, to: Place): Locator {
    return this.page.locator(`#${from.toLowerCase()}-${to.toLowerCase()} dl`);
  }

  digest(place: Place): Promise<string> {
    return this.replica(place).locator('.digest').innerText();
  }

  cursorsIn(place: Place): Promise<string[]> {
    return this.replica(place).locator('.cursor-name').allTextContents();
  }

  /** At the end of what is there. */
  async type(place: Place, sentence: string): Promise<void> {
    await this.text(place).focus();
    await this.page.keyboard.press('Control+End');
    await this.page.keyboard.type(sentence);
  }

  /** The text, without what is drawn into it. */
  async value(place: Place): Promise<string> {
    return this.text(place).evaluate((content: HTMLElement) => {
      const copy = content.cloneNode(true) as HTMLElement;
      for (const drawn of copy.querySelectorAll('.cursor, .cm-placeholder')) drawn.remove();
      return [...copy.querySelectorAll('.cm-line')].map((line) => line.textContent).join('\n');
    });
  }

  async follows(place: Place, text: RegExp): Promise<void> {
    await until(`the text in ${place} is ${text}`, async () => text.test(await this.value(place)));
  }

  async says(sentence: RegExp): Promise<void> {
    await until(`the sentence is ${sentence}`, async () =>
      sentence.test((await this.sentence.textContent()) ?? ''),
    ).catch(async (error: unknown) => {
      throw new Error(`it says '${await this.sentence.textContent()}'`, { cause: error });
    });
  }
}
