// The page as it is served, in a real Chromium against a real server.
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openBrowser, Window } from '../support/browser.ts';
import { ServerProcess, temporaryFolder } from '../support/server.ts';
import { until } from '../support/until.ts';

describe('the page', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser.close());
  afterEach(() => Promise.all(browser.contexts().map((context) => context.close())));

  /** Two windows that have the same document open and are connected. */
  async function pair(server: ServerProcess, name: string): Promise<[Window, Window]> {
    const url = `${server.http}/#${name}`;
    const windows = await Promise.all([Window.open(browser, url), Window.open(browser, url)]);
    await Promise.all(windows.map((window) => says(window, 'Connected')));
    return windows;
  }

  it('lets two windows type together, through a kill -9 of the server', async () => {
    using folder = temporaryFolder();
    await using server = await ServerProcess.start({ data: folder.path });
    const [a, b] = await pair(server, 'together');
    for (const window of [a, b]) {
      await until('both are here', async () => (await window.people.count()) === 2);
    }

    await Promise.all([type(a, 'The quick brown fox. '), type(b, 'The lazy dog. ')]);
    await agree([a, b], ['The quick brown fox. ', 'The lazy dog. ']);
    expect([...a.complaints, ...b.complaints]).toEqual([]);

    await server.end('SIGKILL');
    await Promise.all([
      says(a, 'Offline: changes are kept in this window'),
      says(b, 'Offline: changes are kept in this window'),
    ]);
    await Promise.all([type(a, 'Left alone. '), type(b, '!')]);
    await says(a, 'Offline: 12 changes are kept in this window');
    await says(b, 'Offline: 1 change is kept in this window');
    expect(await a.value()).not.toContain('!');

    await using again = await server.restart();
    expect(again.port).toBe(server.port);
    await Promise.all([says(a, 'Connected'), says(b, 'Connected')]);
    await Promise.all([type(a, 'Back. '), type(b, 'Here too. ')]);
    const everything = [
      'The quick brown fox. ',
      'The lazy dog. ',
      'Left alone. ',
      '!',
      'Back. ',
      'Here too. ',
    ];
    await agree([a, b], everything);

    await Promise.all([a.page.close(), b.page.close()]);
    const later = await Window.open(browser, `${server.http}/#together`);
    await agree([later], everything);
  });

  it('keeps caret and selection while another window writes', async () => {
    using folder = temporaryFolder();
    await using server = await ServerProcess.start({ data: folder.path });
    const [a, b] = await pair(server, 'selection');
    await type(a, 'one two three');
    await agree([a, b], ['one two three']);

    await a.select(4, 7);
    await b.select(0);
    await type(b, 'zero ');
    await agree([a, b], ['zero one two three']);
    expect(await a.selection()).toEqual([9, 12]);
    expect(await b.selection()).toEqual([5, 5]);

    await b.select(5, 12);
    await b.page.keyboard.press('Delete');
    await agree([a, b], ['zero  three']);
    expect(await a.selection()).toEqual([5, 5]);
  });

  it('does not disturb an input method, and shows what others wrote meanwhile when it ends', async () => {
    using folder = temporaryFolder();
    await using server = await ServerProcess.start({ data: folder.path });
    const [a, b] = await pair(server, 'composition');
    await type(a, '[]');
    await agree([a, b], ['[]']);

    await a.select(1);
    const method = await a.page.context().newCDPSession(a.page);
    await method.send('Input.imeSetComposition', { text: 'に', selectionStart: 1, selectionEnd: 1 });
    await b.select(0);
    await b.page.keyboard.insertText('before ');
    await until('the other change has arrived', () => a.hasReceived('before '));
    await method.send('Input.imeSetComposition', { text: 'にほん', selectionStart: 3, selectionEnd: 3 });
    expect(await a.value()).toBe('[にほん]');
    expect(await b.value()).toBe('before []');

    await method.send('Input.insertText', { text: '日本' });
    await agree([a, b], ['before [日本]']);
    expect(await a.selection()).toEqual([10, 10]);
  });

  it('keeps surrogate pairs whole', async () => {
    using folder = temporaryFolder();
    await using server = await ServerProcess.start({ data: folder.path });
    const [a, b] = await pair(server, 'surrogates');
    await a.text.fill('x😀y');
    await agree([a, b], ['x😀y']);
    await b.text.fill('x😁y');
    await agree([a, b], ['x😁y']);
  });

  it('opens another document by its name', async () => {
    using folder = temporaryFolder();
    await using server = await ServerProcess.start({ data: folder.path });
    const [a, b] = await pair(server, 'first');
    await type(a, 'in the first');
    await agree([a, b], ['in the first']);

    await a.page.getByLabel('Document', { exact: true }).fill('50 % Käse/Brot?');
    await a.page.keyboard.press('Enter');
    await until('the other document is open', async () =>
      (await a.page.title()).startsWith('50 % Käse/Brot?'),
    );
    await says(a, 'Connected');
    expect(await a.value()).toBe('');
    await type(a, 'in the second');
    await until('only one is left here', async () => (await b.people.count()) === 1);

    await b.page.goto(`${server.http}/#${encodeURIComponent('50 % Käse/Brot?')}`);
    await agree([a, b], ['in the second']);
  });

  it('says why a document is refused, and takes no more typing', async () => {
    using folder = temporaryFolder();
    await using server = await ServerProcess.start({ data: folder.path });
    const window = await Window.open(browser, `${server.http}/#%00`);
    await until('it is refused', async () => /^Refused: ./.test(await window.says()));
    expect(await window.text.isEditable()).toBe(false);
  });
});

async function type(window: Window, sentence: string): Promise<void> {
  await window.text.pressSequentially(sentence);
}

async function says(window: Window, sentence: string): Promise<void> {
  await until(`the status line says '${sentence}'`, async () => (await window.says()) === sentence);
}

/** All windows show the same text, made of these parts in any order and of nothing else. */
async function agree(windows: readonly Window[], parts: readonly string[]): Promise<void> {
  const length = parts.join('').length;
  const values = () => Promise.all(windows.map((window) => window.value()));
  await until('all windows agree', async () => {
    const texts = await values();
    return texts.every((text) => text.length === length && text === texts[0]);
  }).catch(async (error: unknown) => {
    throw new Error(`they show ${JSON.stringify(await values())}`, { cause: error });
  });
  for (const part of parts) expect((await values())[0]).toContain(part);
}
