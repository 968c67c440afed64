// Makes pictures of the page: light and dark, of a phone's width and a desk's; saved, offline, with what the client knows, and in a browser
// that keeps nothing. Run by hand, with the folder to put them in: node test/browser/screenshots.ts FOLDER
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { openBrowser } from '../support/browser.ts';
import { ServerProcess, temporaryFolder } from '../support/server.ts';
import { until } from '../support/until.ts';
import { Window } from './demo-window.ts';

const screens = {
  phone: { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true },
  desk: { viewport: { width: 1280, height: 800 } },
} as const;
const schemes = ['light', 'dark'] as const;

const visited = [
  'welcome',
  'ideas for the garden',
  'notes/2026/a-rather-long-name-of-a-document',
  'trip/packing',
];

const first = `Minutes

Rain was forecast for the morning, and came in the afternoon. We met in the shed.

1. The north bed is dug over. Beans go in as soon as the nights are above eight degrees.
2. The barrel leaks where the tap was put in. Tape holds it for now.
3. Who has the long ladder? It was last seen by the pear tree.

`;
const second = `A link that somebody pasted: https://example.org/${'catalogue-'.repeat(12)}end

`;

const folder = process.argv[2];
if (folder === undefined) throw new Error('name the folder to put the pictures in');
mkdirSync(folder, { recursive: true });
const browser = await openBrowser();
try {
  for (const screen of Object.keys(screens) as (keyof typeof screens)[]) {
    for (const scheme of schemes) await photograph(browser, screen, scheme);
  }
} finally {
  await browser.close();
}

async function photograph(
  from: Browser,
  screen: keyof typeof screens,
  scheme: (typeof schemes)[number],
): Promise<void> {
  using data = temporaryFolder();
  await using server = await ServerProcess.start({ data: data.path });
  const open = (options = {}): Promise<Window> =>
    Window.open(from, `${server.http}/#garden%2Fminutes`, options);
  const window = await open({ ...screens[screen], colorScheme: scheme });
  for (const name of visited) {
    await window.page.evaluate((hash) => (location.hash = hash), encodeURIComponent(name));
    await until('it is visited', async () => (await window.page.title()).startsWith(name));
  }
  await window.page.evaluate(() => (location.hash = 'garden%2Fminutes'));
  await rename(window, 'Kind Otter');
  await window.text.focus();
  await window.page.keyboard.insertText(first + second);

  const others = [await open(), await open()];
  await rename(others[0]!, 'Merry Heron');
  await rename(others[1]!, 'Calm Lynx');
  for (const other of others) {
    await until('the text has come', async () => (await other.value()).includes('catalogue'));
  }
  await others[0]!.text.focus();
  for (const key of ['Control+Home', 'ArrowDown', 'ArrowDown', 'End', 'End'])
    await others[0]!.page.keyboard.press(key);
  await others[0]!.type(' There was tea.');
  await others[1]!.text.focus();
  for (const key of ['Control+End', 'ArrowUp', 'ArrowUp', 'ArrowUp', 'Control+Shift+ArrowRight']) {
    await others[1]!.page.keyboard.press(key);
  }
  await until('both cursors are there', async () => (await window.cursorNames.count()) === 2);
  await window.page.locator('.selection-of-other').waitFor();
  await window.says('Saved on disk');
  await take(window, `${screen}-${scheme}-saved`);
  await openPanel(window);
  await take(window, `${screen}-${scheme}-panel`);
  await scrollPanel(window);
  await take(window, `${screen}-${scheme}-messages`);
  await window.page.getByRole('button', { name: 'Close what the client knows' }).click();

  await server.end('SIGKILL');
  await window.says('Offline: all changes are saved');
  await window.text.focus();
  await window.page.keyboard.press('Control+End');
  await window.typeOffline('4. Tea again');
  await take(window, `${screen}-${scheme}-offline`);
  await openPanel(window);
  await window.page.getByRole('switch', { name: 'Go offline' }).click();
  await take(window, `${screen}-${scheme}-offline-panel`);

  await using again = await server.restart();
  const lone = await Window.open(from, 'about:blank', { ...screens[screen], colorScheme: scheme });
  await lone.page.addInitScript(() => Object.defineProperty(globalThis, 'indexedDB', { value: undefined }));
  await lone.page.goto(`${again.http}/#garden%2Fminutes`);
  await lone.says('Saved on disk');
  await lone.notes('This browser does not keep what you type: it gives this page no storage.');
  await take(lone, `${screen}-${scheme}-keeps-nothing`);
}

async function openPanel(window: Window): Promise<void> {
  await window.page.getByRole('button', { name: 'What the client knows', exact: true }).click();
  await until('it tells of messages', () => window.page.locator('#frames tbody tr').first().isVisible());
}

async function scrollPanel(window: Window): Promise<void> {
  await window.page.locator('#panel').evaluate((panel) => panel.scrollTo(0, panel.scrollHeight / 3));
}

async function rename(window: Window, own: string): Promise<void> {
  const field = window.page.getByLabel('Your name', { exact: true });
  await field.evaluate((input: HTMLInputElement, text) => {
    input.value = text;
    input.dispatchEvent(new Event('change'));
  }, own);
}

async function take(window: Window, picture: string): Promise<void> {
  const path = join(folder!, `${picture}.png`);
  await window.page.screenshot({ path });
  console.log(path);
}
