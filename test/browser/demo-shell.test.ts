// What is around the text: documents, the link, the people, and whoever has no mouse or a small screen.
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { contrast, palette } from '../../client/parts/colour.ts';
import { openBrowser } from '../support/browser.ts';
import { StockClient } from '../support/client.ts';
import { ServerProcess, temporaryFolder } from '../support/server.ts';
import { until } from '../support/until.ts';
import { agree, Window } from './demo-window.ts';

const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

describe('around the text, the page', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser.close());
  afterEach(() => Promise.all(browser.contexts().map((context) => context.close())));

  it('[DEM4] opens another document by its name, and lists those visited', async () => {
    using folder = temporaryFolder();
    await using server = await ServerProcess.start({ data: folder.path });
    const window = await Window.open(browser, `${server.http}/#first`);
    await window.type('in the first');
    await window.says('Saved on disk');

    const strange = '50 % Käse/Brot?';
    await window.title.fill(strange);
    await window.page.keyboard.press('Enter');
    await until('it is open', async () => (await window.page.title()) === `${strange} · Syncline`);
    await window.says('Saved on disk');
    expect(await window.value()).toBe('');
    await window.page.keyboard.type('in the second');
    await window.says('Saved on disk');
    expect(await window.visited.allTextContents()).toEqual([strange, 'first']);

    const other = await Window.open(browser, `${server.http}/#${encodeURIComponent(strange)}`);
    await agree([other], ['in the second']);
    await window.visited.nth(1).click();
    await agree([window], ['in the first']);
    expect(await window.visited.allTextContents()).toEqual(['first', strange]);
    await until('only one is left there', async () => (await other.people.count()) === 1);

    await window.page.getByRole('button', { name: `Remove ${strange} from the list` }).click();
    expect(await window.visited.allTextContents()).toEqual(['first']);
    await window.page.reload();
    expect(await window.visited.allTextContents()).toEqual(['first']);
    expect(window.complaints).toEqual([]);
  });

  it('[DEM4] saves what was typed without a connection in a document that was left', async () => {
    using folder = temporaryFolder();
    await using server = await ServerProcess.start({ data: folder.path });
    const window = await Window.open(browser, `${server.http}/#left`);
    await window.says('Saved on disk');
    await server.end('SIGKILL');
    await window.type('kept');
    await window.title.fill('entered');
    await window.page.keyboard.press('Enter');
    await window.says('Offline: the document has not come yet');

    await using again = await server.restart();
    await window.says('Saved on disk');
    const other = await Window.open(browser, `${again.http}/#left`);
    await agree([other], ['kept']);
  });

  it('[DEM5] copies a link without the token, and says so', async () => {
    using folder = temporaryFolder();
    await using server = await ServerProcess.start({ data: folder.path });
    const window = await Window.open(browser, `${server.http}/?token=secret#notes/today`, {
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    await window.page.getByRole('button', { name: 'Copy link' }).click();
    const said = window.page.getByRole('banner').getByRole('status');
    await until('it is said', async () => (await said.textContent()) === 'Link copied');
    const link = await window.page.evaluate(() => navigator.clipboard.readText());
    expect(link).toBe(`${server.http}/#notes%2Ftoday`);
  });

  it('[DEM5] shows the link where a browser gives it no clipboard', async () => {
    using folder = temporaryFolder();
    await using server = await ServerProcess.start({ data: folder.path });
    const window = await Window.open(browser, 'about:blank');
    // As on every page that comes over plain http from another machine.
    await window.page.addInitScript(() =>
      Object.defineProperty(Navigator.prototype, 'clipboard', { value: undefined }),
    );
    await window.page.goto(`${server.http}/?token=secret#shared`);
    await window.page.getByRole('button', { name: 'Copy link' }).click();
    const field = window.page.getByLabel('Link to this document');
    expect(await field.inputValue()).toBe(`${server.http}/#shared`);
    expect(await window.selected()).toBe(`${server.http}/#shared`);
    await window.page.keyboard.press('Escape');
    expect(await field.isVisible()).toBe(false);
  });

  it.each(['light', 'dark'] as const)(
    '[DEM6] shows names that can be read on each colour: %s',
    async (scheme) => {
      using folder = temporaryFolder();
      await using server = await ServerProcess.start({ data: folder.path });
      const window = await Window.open(browser, `${server.http}/#colours`, { colorScheme: scheme });
      using people = peopleIn(server, 'colours', palette);
      await until('all are seen', async () => (await window.cursorNames.count()) === people.count);
      const sheet = await colourOf(window, '#editor', 'backgroundColor');
      for (let index = 0; index < people.count; index++) {
        const name = `.cursor >> nth=${index} >> .cursor-name`;
        const colour = await colourOf(window, name, 'backgroundColor');
        expect(contrast(await colourOf(window, name, 'color'), colour)).toBeGreaterThanOrEqual(4.5);
        expect(contrast(colour, sheet)).toBeGreaterThanOrEqual(3);
      }
      expect(window.complaints).toEqual([]);
    },
  );

  it('[DEM7] takes no more than a name, a colour and a place from others', async () => {
    using folder = temporaryFolder();
    await using server = await ServerProcess.start({ data: folder.path });
    const window = await Window.open(browser, `${server.http}/#hostile`);
    await window.type('text');
    const states = [
      { user: 7, cursor: 7 },
      {
        user: { name: '<img src=x onerror=alert(1)>', color: 'red;background:url(//x)' },
        cursor: { anchor: {}, head: {} },
      },
      { user: { name: {}, color: [] }, cursor: { anchor: { item: { client: 'a' } }, head: { tname: 'x' } } },
      { user: { name: 'Heron', color: '#2563eb' }, cursor: { anchor: null, head: null } },
    ];
    using people = statesIn(server, 'hostile', states);
    await until('all are here', async () => (await window.people.count()) === people.count + 1);
    const names = await window.people.allTextContents();
    expect(names.filter((name) => name.includes('Somebody'))).toHaveLength(2);
    expect(names.some((name) => name.includes('<img src=x onerror=alert(1)>'))).toBe(true);
    expect(await window.cursorNames.count()).toBe(0);
    await window.type(' and more');
    await window.says('Saved on disk');
    expect(await window.value()).toBe('text and more');
    expect(window.complaints).toEqual([]);
  });

  it('[DEM9] fits a phone, whatever it shows', async () => {
    using folder = temporaryFolder();
    await using server = await ServerProcess.start({ data: folder.path });
    const name = `a/document/with/${'averylongname'.repeat(20)}`;
    const window = await Window.open(browser, `${server.http}/#${encodeURIComponent(name)}`, phone);
    using people = peopleIn(server, name, palette);
    await window.type(`${'unbroken'.repeat(40)} and more`);
    await until('all are here', async () => (await window.people.count()) === people.count + 1);
    // The names go with the end of the text over the whole width of the window.
    for (let step = 0; step < 12; step++) {
      expect(await window.cursorNames.count()).toBe(people.count);
      await until('nothing is beyond the edge', async () => (await sideways(window)).length === 0);
      await window.type(' mm');
    }
    await window.says('Saved on disk');
    await server.end('SIGKILL');
    await window.type('.');
    await window.says('Offline: 1 change kept on this device');
    expect(await sideways(window)).toEqual([]);
    expect(await tooSmall(window)).toEqual([]);

    await window.page.getByRole('button', { name: 'Documents and your name' }).click();
    await until('the drawer is open', () => window.visited.first().isVisible());
    expect(await sideways(window)).toEqual([]);
    expect(await tooSmall(window)).toEqual([]);
  });

  it('[DEM9] works by keyboard', async () => {
    using folder = temporaryFolder();
    await using server = await ServerProcess.start({ data: folder.path });
    const window = await Window.open(browser, `${server.http}/#keys`, {
      viewport: { width: 390, height: 844 },
    });
    const { keyboard } = window.page;
    const focused = (): Promise<string | null> =>
      window.page.evaluate(() => document.activeElement!.ariaLabel ?? document.activeElement!.textContent);
    await keyboard.press('Tab');
    expect(await focused()).toBe('Skip to the text');
    await keyboard.press('Enter');
    expect(await focused()).toBe('Text of the document');
    await keyboard.type('typed');
    expect(await window.value()).toBe('typed');

    await keyboard.press('Shift+Tab');
    await keyboard.press('Shift+Tab');
    await keyboard.press('Shift+Tab');
    expect(await focused()).toBe('Documents and your name');
    await keyboard.press('Enter');
    await until('the drawer is open', () => window.visited.first().isVisible());
    await keyboard.press('Escape');
    await until('the drawer is closed', async () => !(await window.visited.first().isVisible()));
    expect(await focused()).toBe('Documents and your name');
  });

  it('[DEM9] names everything that can be used', async () => {
    using folder = temporaryFolder();
    await using server = await ServerProcess.start({ data: folder.path });
    const window = await Window.open(browser, `${server.http}/#named`);
    await window.says('Saved on disk');
    const tree = await window.page.locator('body').ariaSnapshot();
    expect(tree).toMatch(/- banner:/);
    expect(tree).toMatch(/- navigation "Visited documents"/);
    expect(tree).toMatch(/- main:/);
    expect(tree).toMatch(/- textbox "Text of the document"/);
    expect(tree.match(/- (button|link|textbox|img)(?! ").*/g)).toBeNull();
    await window.page.getByLabel('Your name', { exact: true }).fill('Quick Heron');
    await window.page.keyboard.press('Enter');
    await until('the name is taken', async () =>
      (await window.people.allInnerTexts())[0]!.includes('Quick Heron (you)'),
    );
  });

  it('[DEM11] works under a strict content security policy', async () => {
    using folder = temporaryFolder();
    await using server = await ServerProcess.start({ data: folder.path });
    const answers = await Promise.all(['/', '/index.html'].map((path) => fetch(server.http + path)));
    const nonces = new Set<string>();
    for (const { headers, text } of answers.map((answer) => ({
      headers: answer.headers,
      text: answer.text(),
    }))) {
      const policy = headers.get('content-security-policy')!;
      expect(policy).not.toMatch(/unsafe|\*|https?:|wss?:|data:/);
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).toContain("default-src 'self'");
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
      const [, nonce] = /style-src 'self' 'nonce-([^']{20,})'/.exec(policy)!;
      expect(await text).toContain(`nonce="${nonce}"`);
      nonces.add(nonce!);
    }
    expect(nonces.size).toBe(answers.length);

    const window = await Window.open(browser, server.http);
    await window.type('styled');
    await window.says('Saved on disk');
    const line = window.page.locator('.cm-content');
    expect(await line.evaluate((content) => getComputedStyle(content).whiteSpace)).toBe('break-spaces');
    expect(window.complaints).toEqual([]);
  });
});

/** Somebody with a cursor at the end of the text for each colour. */
function peopleIn(server: ServerProcess, document: string, colours: readonly string[]) {
  const end = { type: null, tname: 'content', item: null, assoc: 0 };
  const states = colours.map((color, index) => ({
    user: { name: `Person ${index + 1}`, color },
    cursor: { anchor: end, head: end },
  }));
  return statesIn(server, document, states);
}

/** A stock client for each of these presence states. */
function statesIn(server: ServerProcess, document: string, states: readonly object[]) {
  const clients = states.map((state) => {
    const client = new StockClient({ url: server.yjs, document: encodeURIComponent(document) });
    client.provider.awareness.setLocalState(state);
    return client;
  });
  return {
    count: clients.length,
    [Symbol.dispose]: () => {
      for (const client of clients) client[Symbol.dispose]();
    },
  };
}

async function colourOf(
  window: Window,
  selector: string,
  property: 'color' | 'backgroundColor',
): Promise<string> {
  const text = await window.page
    .locator(selector)
    .evaluate((element, name) => getComputedStyle(element)[name], property);
  const channels = text.match(/\d+/g)!.slice(0, 3).map(Number);
  return `#${channels.map((channel) => channel.toString(16).padStart(2, '0')).join('')}`;
}

/** What reaches beyond the window, or can be scrolled sideways. */
async function sideways(window: Window): Promise<string[]> {
  return window.page.evaluate(() => {
    const scrolled = [...document.querySelectorAll('html, body, main, .cm-scroller, nav, ol')].filter(
      (element) => element.scrollWidth > element.clientWidth && element.clientWidth > 0,
    );
    const beyond = [...document.querySelectorAll('button, a, input, footer, .cm-line, .cursor-name')].filter(
      (element) => element.getBoundingClientRect().right > innerWidth + 0.5,
    );
    return [...scrolled, ...beyond].map((element) => element.outerHTML.slice(0, 100));
  });
}

/** What can be touched, is seen, and is smaller than a finger. */
async function tooSmall(window: Window): Promise<string[]> {
  return window.page.evaluate(() =>
    [...document.querySelectorAll('button, a, input')]
      .filter((element) => element.checkVisibility() && element.id !== 'skip')
      .filter((element) => {
        const { width, height } = element.getBoundingClientRect();
        return width < 44 || height < 44;
      })
      .map((element) => element.outerHTML.slice(0, 100)),
  );
}
