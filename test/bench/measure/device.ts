// What it takes to open a document that a browser has kept: real Chromium, its IndexedDB, a page for each opening.
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { AppServer } from '../../support/app-server.ts';
import { openBrowser } from '../../support/browser.ts';
import { bundle } from '../../support/bundle.ts';
import type { DeviceKind } from '../load/device-page.ts';
import { medianOf } from './statistics.ts';

export const devices = ['syncline', 'y-indexeddb'] as const satisfies readonly DeviceKind[];
export const deviceSize = { edits: 100_000, openings: 7 };

export interface DeviceRun {
  /** From the first call until the text is there, the median of all openings. */
  readonly openMs: number;
  /** What the origin takes up on the disk, by the browser's own estimate. */
  readonly bytes: number;
}

export async function measureDevice(kind: DeviceKind): Promise<DeviceRun> {
  const browser = await openBrowser();
  const module = await bundle(fileURLToPath(new URL('../load/device-page.ts', import.meta.url)));
  await using app = await AppServer.start(module);
  try {
    const context = await browser.newContext();
    const inPage = async <Result>(use: (page: Page) => Promise<Result>): Promise<Result> => {
      const page = await context.newPage();
      await page.goto(app.url);
      await page.waitForFunction(() => 'device' in window);
      const result = await use(page);
      await page.close();
      return result;
    };
    const typing = { kind, edits: deviceSize.edits };
    const length = await inPage((page) =>
      page.evaluate((asked) => window.device.type(asked.kind, asked.edits), typing),
    );
    const openings: number[] = [];
    for (let opening = 0; opening < deviceSize.openings; opening++) {
      const opened = await inPage((page) => page.evaluate((asked) => window.device.open(asked), kind));
      if (opened.length !== length) throw new Error(`${kind} kept ${opened.length} of ${length} letters`);
      openings.push(opened.milliseconds);
    }
    const bytes = await inPage((page) => page.evaluate(() => window.device.bytes()));
    return { openMs: medianOf(openings, (value) => value), bytes };
  } finally {
    await browser.close();
  }
}
