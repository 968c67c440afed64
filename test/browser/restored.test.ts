// A server that is put back to its backup, and an app that keeps its documents in the browser: real Chromium, its real IndexedDB.
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AppServer } from '../support/app-server.ts';
import { openBrowser } from '../support/browser.ts';
import { bundle } from '../support/bundle.ts';
import { ServerProcess, temporaryFolder } from '../support/server.ts';
import { SlowProxy } from '../support/slow-proxy.ts';
import { storedDocument } from '../support/stored-updates.ts';
import { until } from '../support/until.ts';
import { AppPage } from './app-page.ts';

/** What happens to a window while its server is put back; each has a profile and a document of its own. */
interface Course {
  readonly document: string;
  /** What is lost with the server, beside a deletion. */
  readonly typed: string;
  /** And what no server has had. */
  readonly typedOffline?: string;
  readonly isClosed: boolean;
}

const courses: readonly Course[] = [
  { document: 'stays-open', typed: 'After it. ', isClosed: false },
  { document: 'is-closed', typed: 'After it. ', isClosed: true },
  { document: 'only-deletes', typed: '', isClosed: true },
  { document: 'stays-open-unsaved', typed: 'After it. ', typedOffline: 'Offline. ', isClosed: false },
  { document: 'is-closed-unsaved', typed: 'After it. ', typedOffline: 'Offline. ', isClosed: true },
];

describe('a browser whose server has lost its newest data', () => {
  let browser: Browser;
  let app: AppServer;
  beforeAll(async () => {
    browser = await openBrowser();
    app = await AppServer.start(await bundle(fileURLToPath(new URL('./offline-page.ts', import.meta.url))));
  });
  afterAll(async () => {
    await browser.close();
    await app[Symbol.asyncDispose]();
  });

  it('[SDK19] brings back what it has, deletions included, and nothing is there twice', async () => {
    using folder = temporaryFolder();
    const [data, backup] = [join(folder.path, 'data'), join(folder.path, 'backup')];
    const stored = (document: string): string => storedDocument(data, document).getText('content').toJSON();
    await using first = await ServerProcess.start({ data });
    await using link = await SlowProxy.open({ port: first.port });
    await using frailLink = await SlowProxy.open({ port: first.port });

    const opened = courses.map(async (course) => {
      const { document, typedOffline } = course;
      const { sync } = typedOffline === undefined ? link : frailLink;
      const context = await browser.newContext();
      const open = async (): Promise<AppPage> => AppPage.open(context, app.url, { sync, document });
      const window = await open();
      await window.write('Kept. Deleted later. Deleted offline. ');
      expect(await window.saved()).toBe('done');
      return { ...course, window, open };
    });
    const windows = await Promise.all(opened);
    await first.end();
    cpSync(data, backup, { recursive: true });

    await using second = await first.restart();
    for (const { window, document, typed } of windows) {
      await window.write(typed);
      await window.remove('Deleted later. ');
      expect(await window.saved()).toBe('done');
      expect(stored(document)).toBe(`Kept. Deleted offline. ${typed}`);
    }
    frailLink.down();
    const wholes = new Map<string, string>();
    for (const { window, document, typedOffline, isClosed } of windows) {
      if (typedOffline !== undefined) {
        await window.write(typedOffline);
        await window.remove('Deleted offline. ');
      }
      // With how far the server was heard.
      expect(await window.savedHere()).toBe('done');
      wholes.set(document, await window.text());
      if (isClosed) await window.page.close();
    }

    await second.end('SIGKILL');
    rmSync(data, { recursive: true });
    cpSync(backup, data, { recursive: true });
    for (const { document } of windows)
      expect(stored(document)).toBe('Kept. Deleted later. Deleted offline. ');
    await using restored = await second.restart();
    frailLink.up();
    const elsewhere = await browser.newContext();
    for (const { document, window, isClosed, open } of windows) {
      const whole = wholes.get(document)!;
      const back = isClosed ? await open() : window;
      await until(`the server has ${document} again`, () => stored(document) === whole);
      expect(await back.saved()).toBe('done');
      await until('nothing is unsaved', async () => (await back.status()).uploads.isSaved);
      expect(await back.text()).toBe(whole);

      const other = await AppPage.open(elsewhere, app.url, { sync: restored.sync, document });
      await until('it is the same elsewhere', async () => (await other.text()) === whole);
      await other.write('Seen. ');
      await until('it goes on', async () => (await back.text()) === `${whole}Seen. `);
      expect(await other.saved()).toBe('done');
      expect(stored(document)).toBe(`${whole}Seen. `);
    }
  });
});
