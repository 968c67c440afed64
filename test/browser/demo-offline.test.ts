// The page without a server and without a network: what the browser has kept of it and of its documents, and what of both it lets go.
/// <reference lib="dom" />
import { once } from 'node:events';
import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openBrowser } from '../support/browser.ts';
import { StockClient } from '../support/client.ts';
import { ServerProcess, temporaryFolder } from '../support/server.ts';
import { until } from '../support/until.ts';
import { agree, Window } from './demo-window.ts';

const built = join(import.meta.dirname, '../../client/dist/demo');

describe('without a server the page', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser.close());
  afterEach(() => Promise.all(browser.contexts().map((context) => context.close())));

  it('[DEM12] is there again with its document, takes typing, and all of it is saved in the end', async () => {
    using folder = temporaryFolder();
    await using server = await ServerProcess.start({ data: folder.path });
    const context = await browser.newContext();
    const first = await visit(context, `${server.http}/#trip`);
    await first.type('Packed. ');
    await first.says('Saved on disk');
    await knowsSaved(first.page);
    await isKept(first.page);

    await server.end('SIGKILL');
    await disconnect(context, first.page);
    await first.page.reload();
    await agree([first], ['Packed. ']);
    await first.says('Offline: as this device has it');
    // The styles that the editor makes for itself are let through as before.
    const content = first.page.locator('.cm-content');
    expect(await content.evaluate((line) => getComputedStyle(line).whiteSpace)).toBe('break-spaces');
    await first.text.press('Control+End');
    await first.typeOffline('On the way.');
    expect(await first.asksBeforeClosing()).toBe(false);

    const second = await visit(context, `${server.http}/#trip`);
    await agree([second], ['Packed. ', 'On the way.']);
    await second.says('Offline: 11 changes kept on this device');
    // What was typed where nobody has it open is sent all the same.
    const other = await visit(context, `${server.http}/#other`);
    await other.says('Offline: the document has not come yet');
    await second.page.close();

    await using again = await server.restart();
    await context.setOffline(false);
    await other.page.reload();
    await other.says('Saved on disk');
    using stock = await new StockClient({ url: again.yjs, document: 'trip' }).synced();
    await until(
      'a stock client has it',
      () => stock.doc.getText('content').toJSON() === 'Packed. On the way.',
    );
    const third = await visit(context, `${server.http}/#trip`);
    await agree([third], ['Packed. ', 'On the way.']);
    await third.says('Saved on disk');
    expect(third.complaints).toEqual([]);
  });

  it('[DEM12] is there for whoever comes with a token, which is not kept with it', async () => {
    using folder = temporaryFolder();
    await using server = await ServerProcess.start({ data: folder.path });
    const context = await browser.newContext();
    const window = await visit(context, `${server.http}/?token=SECRET#mine`);
    await window.type('mine');
    await window.says('Saved on disk');
    await isKept(window.page);
    await server.end('SIGKILL');
    await window.page.reload();
    await agree([window], ['mine']);
    const keys = await window.page.evaluate(async () => {
      const names = await caches.keys();
      const requests = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
      return [...names, ...requests.flat().map(({ url }) => url)];
    });
    expect(keys.join()).not.toContain('SECRET');
    expect(keys.length).toBeGreaterThan(3);
  });

  it('[DEM13] asks the server for everything that is not the page', async () => {
    using folder = temporaryFolder();
    await using server = await ServerProcess.start({ data: folder.path });
    const policy = (await fetch(`${server.http}/sw.js`)).headers;
    expect(policy.get('cache-control')).toBe('no-cache');
    expect(policy.get('content-security-policy')).toContain("worker-src 'self'");
    const context = await browser.newContext();
    const window = await visit(context, `${server.http}/#around`);
    await isKept(window.page);
    const paths = ['/readyz', '/metrics', '/v1/status', '/examples/codemirror', '/sync', '/sw.js'];
    const answered = await window.page.evaluate(
      (all) => Promise.all(all.map(async (path) => (await fetch(path)).status)),
      paths,
    );
    expect(answered).toEqual([200, 200, 200, 200, 426, 200]);
    const example = await visit(context, `${server.http}/examples/codemirror#around`);
    await until('the example is there', async () => (await example.page.title()) !== '');
    expect(example.complaints).toEqual([]);

    await server.end('SIGKILL');
    const failed = await window.page.evaluate(
      (all) =>
        Promise.all(
          all.map((path) =>
            fetch(path).then(
              () => path,
              () => 'failed',
            ),
          ),
        ),
      paths,
    );
    expect(new Set(failed)).toEqual(new Set(['failed']));
    await expect(example.page.reload()).rejects.toThrow('ERR_CONNECTION_REFUSED');
  });

  it('[DEM13] is the newer one at the next visit, of which nothing is left over', async () => {
    using folder = temporaryFolder();
    await cp(built, folder.path, { recursive: true });
    await using site = await Site.of(folder.path);
    const context = await browser.newContext();
    const window = await visit(context, site.url);
    await isKept(window.page);
    const [before] = await window.page.evaluate(() => caches.keys());

    // Another build: a style under another name, as every change gives it.
    const page = await readFile(join(folder.path, 'index.html'), 'utf8');
    const [, style] = /href="\.\/(assets\/[^"]*\.css)"/.exec(page)!;
    const newer = style!.replace('.css', 'x.css');
    await cp(join(folder.path, style!), join(folder.path, newer));
    await writeFile(join(folder.path, 'index.html'), page.replace(style!, newer));
    const worker = await readFile(join(folder.path, 'sw.js'), 'utf8');
    const version = /version[^0-9a-f]+([0-9a-f]{16})/.exec(worker)![1]!;
    await writeFile(
      join(folder.path, 'sw.js'),
      worker.replace(style!, newer).replace(version, '0123456789abcdef'),
    );
    await window.page.reload();
    expect(await styleOf(window.page)).toContain(newer);
    await until('the newer one is kept alone', async () => {
      const names = await window.page.evaluate(() => caches.keys());
      return names.length === 1 && names[0] !== before && names[0]!.endsWith('0123456789abcdef');
    });

    // A proxy whose server is away, one that waits for it, and then nothing at all.
    site.is = 'away';
    await window.page.reload();
    expect(await styleOf(window.page)).toContain(newer);
    site.is = 'silent';
    await window.page.reload();
    expect(await styleOf(window.page)).toContain(newer);
    await site.close();
    await window.page.reload();
    expect(await styleOf(window.page)).toContain(newer);
    await window.type('typed');
    expect(await window.value()).toBe('typed');
  });

  it('[DEM13] keeps all files of the build, and nothing else', async () => {
    const worker = await readFile(join(built, 'sw.js'), 'utf8');
    const [, list] = /JSON\.parse\(("(?:[^"\\]|\\.)*")\)/.exec(worker)!;
    const { files } = JSON.parse(JSON.parse(list!) as string) as { files: string[] };
    const there = await readdir(join(built, 'assets'));
    expect(files.toSorted()).toEqual(there.map((name) => `assets/${name}`).toSorted());
  });

  it('[DEM13] works where the browser keeps no pages', async () => {
    using folder = temporaryFolder();
    await using server = await ServerProcess.start({ data: folder.path });
    const window = await Window.open(browser, 'about:blank', { serviceWorkers: 'block' });
    await window.page.addInitScript(() => {
      Object.defineProperty(globalThis, 'isSecureContext', { value: false });
      Reflect.deleteProperty(Navigator.prototype, 'serviceWorker');
    });
    await window.page.goto(`${server.http}/#plain`);
    await window.type('plain');
    await window.says('Saved on disk');
    expect(window.complaints).toEqual([]);
  });
});

async function visit(context: BrowserContext, url: string): Promise<Window> {
  const window = new Window(await context.newPage());
  await window.page.goto(url);
  return window;
}

/** Everything of the page is kept by now. */
async function isKept(page: Page): Promise<void> {
  await page.evaluate(() => navigator.serviceWorker.ready);
  await until('the worker is in charge', () =>
    page.evaluate(() => navigator.serviceWorker.controller?.state === 'activated'),
  );
}

/** The device has been told as well that the server has everything: that is written with what comes next, or soon. */
async function knowsSaved(page: Page): Promise<void> {
  const count = (): Promise<number> =>
    page.evaluate(
      () =>
        new Promise<number>((resolve, reject) => {
          const opening = indexedDB.open('syncline-demo /sync');
          opening.addEventListener('error', () => reject(opening.error!));
          opening.addEventListener('success', () => {
            const unsaved = opening.result.transaction('unsaved').objectStore('unsaved').count();
            unsaved.addEventListener('success', () => resolve(unsaved.result));
            opening.result.close();
          });
        }),
    );
  await until('nothing is kept as unsaved', async () => (await count()) === 0);
}

/** As the developer tools do: nothing gets out of the page, or out of its worker. */
async function disconnect(context: BrowserContext, page: Page): Promise<void> {
  await context.setOffline(true);
  await until('the page knows', () => page.evaluate(() => !navigator.onLine));
}

async function styleOf(page: Page): Promise<string> {
  return page.locator('link[rel=stylesheet]').evaluate((link: HTMLLinkElement) => link.href);
}

const types: Readonly<Record<string, string>> = {
  html: 'text/html',
  js: 'text/javascript',
  css: 'text/css',
  svg: 'image/svg+xml',
};

/** A folder as a site, such as a proxy serves it. */
class Site implements AsyncDisposable {
  is: 'there' | 'away' | 'silent' = 'there';
  readonly #server: Server;

  private constructor(folder: string) {
    this.#server = createServer((request, response) => {
      const path = request.url === '/' ? 'index.html' : request.url!.slice(1);
      if (this.is === 'silent') return;
      if (this.is === 'away') return void response.writeHead(502).end('Bad Gateway');
      readFile(join(folder, path)).then(
        (bytes) => response.writeHead(200, { 'content-type': types[path.split('.').at(-1)!] }).end(bytes),
        () => response.writeHead(404).end(),
      );
    });
  }

  static async of(folder: string): Promise<Site> {
    const site = new Site(folder);
    site.#server.listen(0, '127.0.0.1');
    await once(site.#server, 'listening');
    return site;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
