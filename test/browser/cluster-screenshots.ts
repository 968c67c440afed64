// Makes pictures of the cluster demo: light and dark, of a desk's width and a phone's; before a replica is cut off, while all are
// typed in, and when they agree again. Run by hand, with the folder to put them in and, if not all of them, the screens:
// node test/browser/cluster-screenshots.ts FOLDER [desk phone wall]
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { openBrowser } from '../support/browser.ts';
import { temporaryFolder } from '../support/server.ts';
import { until } from '../support/until.ts';
import { ClusterDemo } from './cluster-demo-process.ts';
import { ClusterWindow } from './cluster-window.ts';

const screens = {
  phone: { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true },
  desk: { viewport: { width: 1280, height: 800 } },
  wall: { viewport: { width: 1920, height: 1080 } },
} as const;
const schemes = ['light', 'dark'] as const;
type Screen = keyof typeof screens;
type Scheme = (typeof schemes)[number];

const [folder, ...chosen] = process.argv.slice(2);
if (folder === undefined) throw new Error('name the folder to put the pictures in');
mkdirSync(folder, { recursive: true });
const browser = await openBrowser();
try {
  for (const screen of (chosen.length > 0 ? chosen : Object.keys(screens)) as Screen[]) {
    for (const scheme of schemes) await photograph(browser, screen, scheme);
  }
} finally {
  await browser.close();
}

async function photograph(from: Browser, screen: Screen, scheme: Scheme): Promise<void> {
  using data = temporaryFolder();
  await using demo = await ClusterDemo.start(data.path);
  const options = { ...screens[screen], colorScheme: scheme };
  const window = await ClusterWindow.open(from, demo.url, options);
  const take = async (picture: string): Promise<void> => {
    const path = join(folder!, `${screen}-${scheme}-${picture}.png`);
    await window.page.evaluate(() => scrollTo(0, 0));
    await window.page.screenshot({ path, fullPage: true });
    console.log(path);
  };
  await window.says(/verified equal/);
  await take('1-empty');
  await window.type('Lisbon', 'Weather today\n\nLisbon: fog over the river until ten.\n');
  await window.follows('Oslo', /ten\.\n$/);
  await window.type('Oslo', 'Oslo: eight degrees, wind from the south.\n');
  await window.follows('Nairobi', /south\.\n$/);
  await window.type('Nairobi', 'Nairobi: clear.');
  await window.says(/verified equal/);
  await take('2-equal');

  await window.page.getByRole('button', { name: 'Cut off Oslo' }).click();
  await window.type('Lisbon', ' Clouds later.');
  await window.type('Oslo', ' And snow since noon!');
  await window.follows('Nairobi', /later\.$/);
  await window.type('Nairobi', ' No: rain at last.');
  await window.says(/Oslo is cut off, and the replicas differ/);
  await until('it has waited', async () =>
    /1 document, [3-9]\.\d s/.test(await window.linkFacts('Lisbon', 'Oslo').innerText()),
  );
  await take('3-cut');

  await window.page.getByRole('button', { name: 'Heal all' }).click();
  await window.says(/The digests agree|verified equal/);
  await take('4-healing');
  await window.says(/verified equal/);
  await take('5-healed');
}
