// The store in a real Chromium's IndexedDB: the contract, and what a browser, its user and other tabs do to a database in use.
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContext, CDPSession, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { localStoreCases } from '../contract/local-store.ts';
import { AppServer } from '../support/app-server.ts';
import { openBrowser } from '../support/browser.ts';
import { bundle } from '../support/bundle.ts';
import { until } from '../support/until.ts';
import type { Stores } from './indexeddb-page.ts';

let browser: Browser;
let app: AppServer;
let pages: StorePage[] = [];

beforeAll(async () => {
  browser = await openBrowser();
  app = await AppServer.start(await bundle(fileURLToPath(new URL('./indexeddb-page.ts', import.meta.url))));
});
afterAll(async () => {
  await browser.close();
  await app[Symbol.asyncDispose]();
});

describe('the contract', () => {
  let page: StorePage;
  beforeAll(async () => {
    page = await open();
  });
  afterAll(closePages);

  it.each(localStoreCases.map(({ name }, index) => ({ name, index })))('$name', async ({ index }) => {
    expect(await page.run(index)).toBeUndefined();
  });
});

describe('a database in use', () => {
  afterEach(closePages);

  it('[LOC3] two pages add to one document, and each sees all of it', async () => {
    const [one, other] = await twoTabs();
    await Promise.all(
      [1, 2, 3, 4].map((value) => (value % 2 ? one : other).append(undefined, [value, value])),
    );
    const all = await one.firsts();
    expect((all as number[]).toSorted((a, b) => a - b)).toEqual([1, 1, 2, 2, 3, 3, 4, 4]);
    expect(await other.firsts()).toEqual(all);
  });

  it('[LOC10] is deleted by another page without waiting; what comes then is of another life', async () => {
    const [one, other] = await twoTabs();
    const life = await one.begin([1]);
    await other.delete();
    expect(await other.blocked()).toBe(0);
    expect(await one.append(life, [2])).toEqual({ is: 'of-another-life' });
    expect(await one.firsts()).toBeUndefined();
    expect(await one.begin([3])).not.toBe(life);
    expect(await other.firsts()).toEqual([3]);
  });

  it('[LOC10] lets a newer version have it, and says that it is newer until it is not', async () => {
    const [one, other] = await twoTabs();
    const life = await one.begin([1]);
    await other.reopenNewer();
    expect(await other.append(life, [2])).toMatchObject({ is: 'written' });
    expect(await one.append(life, [3])).toBe('newer');
    expect(await one.firsts()).toBe('newer');
    expect(await other.firsts()).toEqual([1, 2]);
    await other.close();
    await other.delete();
    expect(await one.begin([4])).not.toBe(life);
  });

  it("[LOC10] is opened again when the site's data was cleared, in the middle of it too", async () => {
    const page = await open();
    const life = await page.begin([1]);
    const bursts = page.burst(life, 40);
    await page.clearSiteData();
    const answers = await bursts;
    // Each is answered, and none with anything but what is true by then.
    expect(answers).toHaveLength(40);
    expect(answers.filter((answer) => !['done', 'closed'].includes(answer))).toEqual([]);
    expect(await page.append(life, [2])).toEqual({ is: 'of-another-life' });
    const next = await page.begin([3]);
    expect(next).not.toBe(life);
    await page.clearSiteData();
    expect(await page.append(next, [4])).toEqual({ is: 'of-another-life' });
    expect(await page.begin([5])).not.toBe(next);
    expect(await page.firsts()).toEqual([5]);
  });

  it('[LOC11] without space says that it is full, keeps what it has, and goes on when there is room', async () => {
    const page = await open();
    // Before the first write: a browser remembers for a while how much room it has found.
    await page.setQuota(1_000_000);
    const life = await page.begin([1]);
    expect(await page.append(life, [2], 3_000_000)).toBe('full');
    expect(await page.firsts()).toEqual([1]);
    await page.setQuota(undefined);
    expect(await page.append(life, [3], 3_000_000)).toMatchObject({ is: 'written', through: 2 });
    expect(await page.firsts()).toEqual([1, 3]);
  });

  it('[LOC1] in a private window works, and is promised nothing', async () => {
    const page = await open();
    const life = await page.begin([1]);
    await page.reload();
    expect(await page.append(life, [2])).toMatchObject({ is: 'written', through: 2 });
    expect(await page.persist()).toBe(false);
  });
});

describe('a database that does not open', () => {
  afterEach(closePages);

  it('[LOC12] because an older one is held says so after a while, and is used when it opens', async () => {
    const [one, other] = await twoTabs();
    await one.hold();
    await other.reopenNewer();
    const asked = other.append(undefined, [1]);
    await until('it is blocked', async () => (await other.waiting()) === 2);
    expect(await other.pass(3_000)).toEqual([3_000]);
    expect(await asked).toBe('held');
    // At once, for nothing has changed.
    expect(await other.firsts()).toBe('held');
    await one.letGo();
    await until('it is open', async () => (await other.waiting()) === 0);
    expect(await other.append(undefined, [2])).toMatchObject({ is: 'written', through: 1 });
    expect(await other.firsts()).toEqual([2]);
  });

  it('[LOC12] because nothing is answered says so after a while, and is used when it opens', async () => {
    const [one, other] = await twoTabs();
    await one.hold();
    const deleted = one.delete();
    await until('its deletion waits', async () => (await one.blocked()) === 1);
    const asked = other.append(undefined, [1]);
    await until('it waits for that', async () => (await other.waiting()) === 1);
    expect(await other.pass(9_999)).toEqual([]);
    expect(await other.pass(10_000)).toEqual([10_000]);
    expect(await asked).toBe('failed');
    await one.letGo();
    await deleted;
    await until('it is open', async () => typeof (await other.append(undefined, [2])) === 'object');
    expect(await other.firsts()).toEqual([2]);
  });

  it('[LOC12] because there is none, or none is allowed, is unavailable', async () => {
    for (const factory of ['none', 'throws'] as const) {
      const page = await open();
      await page.pretend(factory);
      expect(await page.append(undefined, [1])).toBe('unavailable');
      expect(await page.firsts()).toBe('unavailable');
      await page.close();
    }
  });

  it("[LOC12] because it is somebody else's is damaged, and stays as it is", async () => {
    const page = await open();
    await page.hold(['theirs']);
    await page.letGo();
    expect(await page.append(undefined, [1])).toBe('damaged');
    expect(await page.firsts()).toBe('damaged');
  });
});

/** Throws if one of them has complained. */
async function closePages(): Promise<void> {
  const complaints = (await Promise.all(pages.map((page) => page.complaints()))).flat();
  await Promise.all(browser.contexts().map((context) => context.close()));
  pages = [];
  if (complaints.length > 0) throw new Error(`A page complained: ${complaints.join('\n')}`);
}

async function open(context?: BrowserContext): Promise<StorePage> {
  const page = new StorePage(await (context ?? (await browser.newContext())).newPage());
  await page.page.goto(app.url);
  pages.push(page);
  return page;
}

async function twoTabs(): Promise<[StorePage, StorePage]> {
  const context = await browser.newContext();
  return [await open(context), await open(context)];
}

type Asked = { [Name in Exclude<keyof Stores, 'complaints'>]: Stores[Name] };

/** What a page can be asked, from here. */
class StorePage {
  readonly page: Page;
  readonly #said: string[] = [];

  constructor(page: Page) {
    this.page = page;
    page.on('console', (message) => {
      if (message.type() === 'error' && !message.text().includes('404')) this.#said.push(message.text());
    });
    page.on('pageerror', (error) => this.#said.push(error.message));
  }

  async complaints(): Promise<string[]> {
    return [...this.#said, ...(await this.page.evaluate(() => window.stores.complaints))];
  }

  /** Writes as whoever has read nothing; gives the life. */
  async begin(values: readonly number[]): Promise<string> {
    const written = await this.append(undefined, values);
    if (typeof written === 'string' || written.is !== 'written') throw new Error(JSON.stringify(written));
    return written.life;
  }

  run = this.#asking('run');
  append = this.#asking('append');
  firsts = this.#asking('firsts');
  burst = this.#asking('burst');
  persist = this.#asking('persist');
  close = this.#asking('close');
  reopenNewer = this.#asking('reopenNewer');
  pretend = this.#asking('pretend');
  hold = this.#asking('hold');
  letGo = this.#asking('letGo');
  delete = this.#asking('delete');
  blocked = this.#asking('blocked');
  waiting = this.#asking('waiting');
  pass = this.#asking('pass');

  async reload(): Promise<void> {
    await this.page.reload();
  }

  async clearSiteData(): Promise<void> {
    const tools = await this.#tools();
    await tools.send('Storage.clearDataForOrigin', { origin: this.#origin, storageTypes: 'indexeddb' });
  }

  /** Undefined is that of the browser. */
  async setQuota(quotaSize: number | undefined): Promise<void> {
    const tools = await this.#tools();
    await tools.send('Storage.overrideQuotaForOrigin', {
      origin: this.#origin,
      ...(quotaSize === undefined ? {} : { quotaSize }),
    });
  }

  get #origin(): string {
    return new URL(this.page.url()).origin;
  }

  #tools(): Promise<CDPSession> {
    return this.page.context().newCDPSession(this.page);
  }

  #asking<Name extends keyof Asked>(
    name: Name,
  ): (...words: Parameters<Asked[Name]>) => Promise<Awaited<ReturnType<Asked[Name]>>> {
    return (...words) =>
      this.page.evaluate(
        ([asked, given]) => (window.stores[asked] as (...all: readonly unknown[]) => unknown)(...given),
        [name, words] as const,
      ) as never;
  }
}
