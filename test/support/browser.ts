// A real Chromium, and the server's page in windows that share nothing but that server.
/// <reference lib="dom" />
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium, type Locator, type Page } from 'playwright-core';
import { findBrowser } from '../../scripts/browser.mjs';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Closed by `await using`. */
export async function openBrowser(): Promise<Browser> {
  const executablePath = findBrowser(root);
  if (executablePath === undefined)
    throw new Error("no Chromium: run 'node scripts/bootstrap.mjs --browser'");
  return chromium.launch({
    executablePath,
    // Playwright leaves the sandbox off, with which Chromium starts neither as root nor in many containers.
    // The rest keeps it from looking for a network and a graphics card that a test machine may not have.
    args: [
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
      '--disable-quic',
      '--disable-gpu',
    ],
  });
}

/** One window of the page, in a browser profile of its own. */
export class Window {
  readonly page: Page;
  readonly text: Locator;
  readonly status: Locator;
  readonly people: Locator;
  /** What the page has complained of: thrown errors, and errors on its console. */
  readonly complaints: string[] = [];
  readonly #frames: string[] = [];

  private constructor(page: Page) {
    this.page = page;
    this.text = page.getByLabel('Text of the document');
    this.status = page.locator('#status');
    this.people = page.getByRole('listitem');
    page.on('pageerror', (error) => this.complaints.push(error.message));
    page.on('console', (message) => message.type() === 'error' && this.complaints.push(message.text()));
    page.on('websocket', (socket) =>
      socket.on('framereceived', ({ payload }) => this.#frames.push(payload.toString())),
    );
  }

  static async open(browser: Browser, url: string): Promise<Window> {
    const context = await browser.newContext();
    const window = new Window(await context.newPage());
    await window.page.goto(url);
    return window;
  }

  /** Whether a frame with these letters has reached the window, shown or not. */
  hasReceived(letters: string): boolean {
    return this.#frames.some((frame) => frame.includes(letters));
  }

  async value(): Promise<string> {
    return this.text.inputValue();
  }

  async says(): Promise<string> {
    return this.status.innerText();
  }

  /** The offsets between which text is selected. */
  async selection(): Promise<[start: number, end: number]> {
    return this.text.evaluate((element: HTMLTextAreaElement) => [
      element.selectionStart,
      element.selectionEnd,
    ]);
  }

  async select(start: number, end = start): Promise<void> {
    await this.text.focus();
    await this.text.evaluate((element: HTMLTextAreaElement, range) => element.setSelectionRange(...range), [
      start,
      end,
    ] as const);
  }
}
