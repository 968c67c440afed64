// Makes pictures of the examples: light and dark, of a phone's width and a desk's. Run by hand, with the folder to put them in
// and, if not all of them, the examples: node test/browser/example-screenshots.ts FOLDER [tiptap codemirror todo]
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { openBrowser } from '../support/browser.ts';
import { ServerProcess, temporaryFolder } from '../support/server.ts';
import { until } from '../support/until.ts';
import { ExampleWindow } from './example-window.ts';

const screens = {
  phone: { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true },
  desk: { viewport: { width: 1280, height: 800 } },
} as const;
const schemes = ['light', 'dark'] as const;

/** What one window does with an app before it is photographed. */
const fillings: Record<string, (window: ExampleWindow) => Promise<void>> = {
  tiptap: async (window) => {
    const { keyboard } = window.page;
    const press = async (name: string): Promise<void> =>
      window.page.getByRole('button', { name, exact: true }).click();
    await window.text.focus();
    await press('Heading');
    await keyboard.type('Minutes');
    await keyboard.press('Enter');
    await keyboard.type('Rain was forecast for the morning, and came in the ');
    await press('Bold');
    await keyboard.type('afternoon');
    await press('Bold');
    await keyboard.type('. We met in the shed.');
    await keyboard.press('Enter');
    await press('List');
    await keyboard.type('The north bed is dug over.');
    await keyboard.press('Enter');
    await keyboard.type('Who has the long ladder?');
    await keyboard.press('Enter');
    await keyboard.press('Enter');
    await press('Quote');
    await keyboard.type('It was last seen by the pear tree.');
  },
  codemirror: async (window) => {
    await window.type(
      'Minutes\n\nRain was forecast for the morning, and came in the afternoon. We met in the shed.',
    );
  },
  todo: async (window) => {
    const field = window.page.getByRole('textbox', { name: 'Something to do' });
    for (const text of [
      'Dig over the north bed',
      'Find the long ladder',
      'Mend the barrel where the tap leaks',
    ]) {
      await field.fill(text);
      await field.press('Enter');
    }
    await window.page.getByRole('checkbox', { name: 'Done: Find the long ladder' }).click();
  },
};

const [folder, ...chosen] = process.argv.slice(2);
if (folder === undefined) throw new Error('name the folder to put the pictures in');
mkdirSync(folder, { recursive: true });
const browser = await openBrowser();
try {
  for (const example of chosen.length > 0 ? chosen : Object.keys(fillings)) {
    for (const screen of Object.keys(screens) as (keyof typeof screens)[]) {
      for (const scheme of schemes) await photograph(browser, { example, screen, scheme });
    }
  }
} finally {
  await browser.close();
}

interface Picture {
  readonly example: string;
  readonly screen: keyof typeof screens;
  readonly scheme: (typeof schemes)[number];
}

async function photograph(from: Browser, { example, screen, scheme }: Picture): Promise<void> {
  using data = temporaryFolder();
  await using server = await ServerProcess.start({ data: data.path });
  const other = await ExampleWindow.open(from, `${server.http}/examples/${example}`);
  await other.page.locator('#status:is([data-state=saved], [data-state=synced])').waitFor();
  const options = { ...screens[screen], colorScheme: scheme };
  const window = await ExampleWindow.open(from, other.page.url(), options);
  await window.page.locator('#status:is([data-state=saved], [data-state=synced])').waitFor();
  const take = async (state: string): Promise<void> => {
    const path = join(folder!, `${example}-${screen}-${scheme}-${state}.png`);
    await window.page.screenshot({ path, fullPage: screen === 'phone' });
    console.log(path);
  };
  await take('empty');
  await fillings[example]!(other);
  await until('both are here', async () => (await window.people.count()) === 2);
  await other.page.locator('#status:is([data-state=saved], [data-state=synced])').waitFor();
  await take('filled');
  await server.end('SIGKILL');
  await window.page.locator('#status[data-state=offline]').waitFor();
  await take('offline');
}
