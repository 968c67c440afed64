// What the client knows, as the page shows it beside the text, and the switches with which its network is made worse.
/// <reference lib="dom" />
import { readFile } from 'node:fs/promises';
import type { Browser, Locator } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openBrowser } from '../support/browser.ts';
import { ServerProcess, temporaryFolder } from '../support/server.ts';
import { until } from '../support/until.ts';
import { agree, Window } from './demo-window.ts';

const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

interface Recording {
  readonly standings: readonly { client: { uploads: { edits: number } }; document: object }[];
  readonly frames: readonly { direction: string; kind: string; document?: string; bytes: number }[];
}

describe('what the client knows', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser.close());
  afterEach(() => Promise.all(browser.contexts().map((context) => context.close())));

  it('[DEM15] is told with every message, and can be taken along without what was typed', async () => {
    using folder = temporaryFolder();
    await using server = await ServerProcess.start({ data: folder.path });
    const window = await Window.open(browser, `${server.http}/#known`);
    const panel = new PanelOf(window);
    await window.says('Saved on disk');
    expect(await panel.region.isVisible()).toBe(false);
    await panel.toggle.click();
    await panel.knows('Connection', /^connected to [0-9a-f]{8}$/);
    await panel.knows('This window', /^connects for all tabs/);
    await panel.knows('Not on the server', /^nothing$/);
    await panel.knows('Up to date', /^1 of 1 document$/);
    await panel.knows('Kept on this device', /^yes/);
    await panel.knows('This document', /^current, saved, kept on this device$/);

    await window.type('SECRET');
    await window.says('Saved on disk');
    await panel.tells(/ sent updates known \d+$/);
    await panel.tells(/ received stored known \d+$/);
    await panel.tells(/ sent hello {2}\d+$/);
    expect(await panel.region.textContent()).not.toContain('SECRET');

    await server.end('SIGKILL');
    await panel.knows('Connection', /^none: .*; tries again (now|in \d+ s)$|^connecting, attempt/);
    await window.typeOffline('ab');
    await panel.knows('Not on the server', /^2 changes, \d+ bytes, for \d+ s; all on this device$/);

    const downloaded = window.page.waitForEvent('download');
    await panel.region.getByRole('button', { name: 'Export' }).click();
    const download = await downloaded;
    expect(download.suggestedFilename()).toMatch(/^syncline-.*\.json$/);
    const text = await readFile(await download.path(), 'utf8');
    expect(text).not.toContain('SECRET');
    const { standings, frames } = JSON.parse(text) as Recording;
    expect(standings.at(-1)!.client.uploads.edits).toBe(2);
    expect(frames[0]).toMatchObject({ direction: 'sent', kind: 'hello' });
    expect(frames.some(({ kind, document }) => kind === 'stored' && document === 'known')).toBe(true);

    await window.page.reload();
    expect(await panel.region.isVisible()).toBe(true);
    await panel.region.getByRole('button', { name: /^Close/ }).press('Escape');
    expect(await panel.region.isVisible()).toBe(false);
    expect(await panel.toggle.evaluate((button) => button === document.activeElement)).toBe(true);
  });

  it('[DEM16] switches cut, slow and break the network of one window alone', async () => {
    using folder = temporaryFolder();
    await using server = await ServerProcess.start({ data: folder.path });
    const [a, b] = [
      await Window.open(browser, `${server.http}/#worse`),
      await Window.open(browser, `${server.http}/#worse`),
    ];
    await Promise.all([a.says('Saved on disk'), b.says('Saved on disk')]);
    const panel = new PanelOf(a);
    await panel.toggle.click();

    await panel.turn('Go offline');
    await a.says('Offline: all changes are saved');
    await until('the other sees it go', async () => (await b.people.count()) === 1);
    await a.typeOffline('one');
    await b.type('two');
    await b.says('Saved on disk');
    await panel.turn('Go offline');
    await a.says('Saved on disk');
    await agree([a, b], ['one', 'two']);

    await panel.turn('Slow network');
    const began = performance.now();
    await a.type('3');
    await a.says('Saving');
    await a.says('Saved on disk');
    expect(performance.now() - began).toBeGreaterThan(2_000);
    await b.says('Saved on disk');
    await panel.turn('Slow network');
    await agree([a, b], ['one', 'two', '3']);

    await panel.turn('Drop messages');
    await a.type('4');
    await panel.tells(/ sent updates dropped worse \d+$/);
    await a.says('Saving');
    await a.says('Offline: 1 change kept on this device');
    await panel.turn('Drop messages');
    await a.says('Saved on disk');
    await agree([a, b], ['one', 'two', '3', '4']);
    await b.says('Saved on disk');
    expect([...a.complaints, ...b.complaints]).toEqual([]);
  });

  it('[DEM16] a tab is cut off from the connection that it shares, and its neighbour is not', async () => {
    using folder = temporaryFolder();
    await using server = await ServerProcess.start({ data: folder.path });
    const context = await browser.newContext();
    const windows: Window[] = [];
    for (let count = 0; count < 2; count++) {
      const window = new Window(await context.newPage());
      await window.page.goto(`${server.http}/#shared`);
      await window.says('Saved on disk');
      windows.push(window);
    }
    const [leader, follower] = windows as [Window, Window];
    const panel = new PanelOf(follower);
    await panel.toggle.click();
    await panel.knows('This window', /^connects through another tab$/);
    await panel.turn('Go offline');
    await follower.typeOffline('f');
    await leader.says('Saved on disk');
    await panel.turn('Go offline');
    await follower.says('Saved on disk');

    const leading = new PanelOf(leader);
    await leading.toggle.click();
    await leading.turn('Go offline');
    await leader.says('Offline: all changes are saved');
    await follower.type('g');
    await follower.says('Saved on disk');
    await leading.turn('Go offline');
    await leader.says('Saved on disk');
    await agree([leader, follower], ['f', 'g']);
  });

  it('[DEM9] [DEM15] has names and roles, and fits a phone', async () => {
    using folder = temporaryFolder();
    await using server = await ServerProcess.start({ data: folder.path });
    const window = await Window.open(browser, `${server.http}/#small`, phone);
    const panel = new PanelOf(window);
    await window.says('Saved on disk');
    await panel.toggle.tap();
    await panel.tells(/sent hello/);
    const tree = await window.page.locator('body').ariaSnapshot();
    expect(tree).toMatch(/- button "What the client knows" \[expanded\]/);
    expect(tree).toMatch(/- complementary "What the client knows":/);
    expect(tree).toMatch(/- group "The network of this window":/);
    for (const name of ['Go offline', 'Slow network', 'Drop messages'])
      expect(tree).toContain(`- switch "${name}"`);
    expect(tree).toMatch(/- table "Messages, newest first":/);
    for (const name of ['Time', 'Direction', 'Kind', 'Document', 'Bytes'])
      expect(tree).toContain(`- columnheader "${name}"`);
    expect(tree.match(/- (button|link|textbox|switch|table|img)(?! ").*/g)).toBeNull();
    expect(
      await window.page.evaluate(() =>
        [...document.querySelectorAll('#panel, #panel *, main, html')]
          .filter((each) => each.clientWidth > 0 && !each.matches('.unseen, td'))
          .filter((each) => each.scrollWidth > each.clientWidth || each.getBoundingClientRect().right > 390.5)
          .map((each) => each.outerHTML.slice(0, 100)),
      ),
    ).toEqual([]);
    expect(
      await window.page.evaluate(() =>
        [...document.querySelectorAll('#panel :is(button, input), footer button')]
          .filter((each) => each.checkVisibility())
          .filter((each) => each.clientWidth < 43 || each.getBoundingClientRect().height < 44)
          .map((each) => each.outerHTML.slice(0, 100)),
      ),
    ).toEqual([]);
    // There is still room to type.
    expect((await window.text.boundingBox())!.height).toBeGreaterThan(90);
    await window.type('typed');
    await window.says('Saved on disk');
    await window.page.getByRole('switch', { name: 'Go offline' }).focus();
    await window.page.keyboard.press('Space');
    await window.says('Offline: all changes are saved');
    expect(window.complaints).toEqual([]);
  });
});

class PanelOf {
  readonly toggle: Locator;
  readonly region: Locator;
  readonly #rows: Locator;

  constructor({ page }: Window) {
    this.toggle = page.getByRole('button', { name: 'What the client knows', exact: true });
    this.region = page.locator('#panel');
    this.#rows = this.region.locator('tbody tr');
  }

  async turn(name: string): Promise<void> {
    await this.region.getByRole('switch', { name }).click();
  }

  async knows(name: string, text: RegExp): Promise<void> {
    const words = this.region.locator('#facts > div:has(> dt:text-is("' + name + '")) > dd');
    await until(`${name}: ${text}`, async () =>
      text.test((await words.innerText()).replaceAll('\u00a0', ' ')),
    );
  }

  /** A message is listed whose row, without its time, is like this. */
  async tells(row: RegExp): Promise<void> {
    await until(`there is a message ${row}`, async () => {
      const rows = await this.#rows.evaluateAll((all) =>
        (all as HTMLTableRowElement[]).map((each) =>
          [...each.cells].map((cell) => (cell.querySelector('.unseen') ?? cell).textContent).join(' '),
        ),
      );
      return rows.some((text) => row.test(text));
    });
  }
}
