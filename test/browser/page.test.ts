// The page as it is served, in a real Chromium against a real server: two windows and their one text.
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openBrowser } from '../support/browser.ts';
import { StockClient } from '../support/client.ts';
import { ServerProcess, temporaryFolder } from '../support/server.ts';
import { until } from '../support/until.ts';
import { Cable } from './demo-cable.ts';
import { agree, Window } from './demo-window.ts';

describe('the page', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser.close());
  afterEach(() => Promise.all(browser.contexts().map((context) => context.close())));

  /** Two windows that have the same document open, and have all of it. */
  async function pair(http: string, name: string): Promise<[Window, Window]> {
    const url = `${http}/#${name}`;
    const windows = await Promise.all([Window.open(browser, url), Window.open(browser, url)]);
    await Promise.all(windows.map((window) => window.says('Saved on disk')));
    return windows;
  }

  it('[RUN4] [DEM1] lets two windows type together, through a kill -9 of the server', async () => {
    using folder = temporaryFolder();
    await using server = await ServerProcess.start({ data: folder.path });
    const [a, b] = await pair(server.http, 'together');
    for (const window of [a, b]) {
      await until('both are here', async () => (await window.people.count()) === 2);
    }

    await Promise.all([a.type('The quick brown fox. '), b.type('The lazy dog. ')]);
    await agree([a, b], ['The quick brown fox. ', 'The lazy dog. ']);
    for (const [one, other] of [
      [a, b],
      [b, a],
    ] as const) {
      const name = await one.page.getByLabel('Your name', { exact: true }).inputValue();
      await until('the other cursor is named', async () => (await other.cursorNames.textContent()) === name);
    }
    await Promise.all([a.says('Saved on disk'), b.says('Saved on disk')]);
    expect([...a.complaints, ...b.complaints]).toEqual([]);

    await server.end('SIGKILL');
    await Promise.all([a.says('Offline: all changes are saved'), b.says('Offline: all changes are saved')]);
    await until('nobody else is here', async () => (await a.people.count()) === 1);
    await a.typeOffline('Left alone. ');
    await b.typeOffline('!');
    expect(await a.value()).not.toContain('!');

    await using again = await server.restart();
    expect(again.port).toBe(server.port);
    await Promise.all([a.says('Saved on disk'), b.says('Saved on disk')]);
    await Promise.all([a.type('Back. '), b.type('Here too. ')]);
    const everything = [
      'The quick brown fox. ',
      'The lazy dog. ',
      'Left alone. ',
      '!',
      'Back. ',
      'Here too. ',
    ];
    await agree([a, b], everything);
    await Promise.all([a.says('Saved on disk'), b.says('Saved on disk')]);

    await Promise.all([a.page.close(), b.page.close()]);
    const later = await Window.open(browser, `${again.http}/#together`);
    await agree([later], everything);
  });

  it('[DEM1] [DEM2] goes on without a network, and agrees when it is back', async () => {
    using folder = temporaryFolder();
    await using server = await ServerProcess.start({ data: folder.path });
    await using cable = await Cable.to(server.port);
    const a = await Window.open(browser, `${cable.http}/#network`);
    const b = await Window.open(browser, `${server.http}/#network`);
    await a.type('Before. ');
    await agree([a, b], ['Before. ']);
    await a.says('Saved on disk');

    await cable.cut();
    await a.says('Offline: all changes are saved');
    await until('the other window sees it go', async () => (await b.people.count()) === 1);
    await a.typeOffline('Twelve keys.');
    await b.page.keyboard.press('Control+Home');
    await b.type('Meanwhile. ');
    await b.says('Saved on disk');

    await cable.mend();
    // It may have tried by itself before the button is found.
    const saved = a.says('Saved on disk');
    await Promise.any([a.page.getByRole('button', { name: 'Try now' }).click(), saved]);
    await saved;
    await agree([a, b], ['Before. ', 'Twelve keys.', 'Meanwhile. ']);
    await until('both are here again', async () => (await b.people.count()) === 2);
  });

  it('[DEM1] keeps caret and selection while another window writes', async () => {
    using folder = temporaryFolder();
    await using server = await ServerProcess.start({ data: folder.path });
    const [a, b] = await pair(server.http, 'selection');
    await a.type('one two three');
    await agree([a, b], ['one two three']);

    await press(a, ['Home', ...repeated('ArrowRight', 4), ...repeated('Shift+ArrowRight', 3)]);
    expect(await a.selected()).toBe('two');
    await b.type('zero ');
    await agree([a, b], ['zero one two three']);
    expect(await a.selected()).toBe('two');
    // This window's cursor went with its letters as well.
    await b.type('and ');
    await agree([a, b], ['zero and one two three']);

    await press(b, [...repeated('Shift+ArrowRight', 7), 'Delete']);
    await agree([a, b], ['zero and  three']);
    await a.type('1');
    await agree([a, b], ['zero and 1 three']);
  });

  it('[DEM1] takes back what was typed here, and nothing of what others typed', async () => {
    using folder = temporaryFolder();
    await using server = await ServerProcess.start({ data: folder.path });
    const [a, b] = await pair(server.http, 'undo');
    await a.type('mine');
    await agree([a, b], ['mine']);
    await b.page.keyboard.press('Control+Home');
    await b.type('yours ');
    await agree([a, b], ['yours mine']);
    await a.page.keyboard.press('Control+z');
    await agree([a, b], ['yours ']);
    await a.page.keyboard.press('Control+y');
    await agree([a, b], ['yours mine']);
  });

  it('[DEM1] does not disturb an input method while another window writes', async () => {
    using folder = temporaryFolder();
    await using server = await ServerProcess.start({ data: folder.path });
    const [a, b] = await pair(server.http, 'composition');
    await a.type('[]');
    await agree([a, b], ['[]']);

    await press(a, ['ArrowLeft']);
    const method = await a.page.context().newCDPSession(a.page);
    await method.send('Input.imeSetComposition', { text: 'に', selectionStart: 1, selectionEnd: 1 });
    await press(b, ['Home']);
    await b.page.keyboard.insertText('before ');
    await until('the other change has arrived', () => a.hasReceived('before '));
    await method.send('Input.imeSetComposition', { text: 'にほん', selectionStart: 3, selectionEnd: 3 });
    await method.send('Input.insertText', { text: '日本' });
    await agree([a, b], ['before [日本]']);
    await a.type('!');
    await agree([a, b], ['before [日本!]']);
  });

  it('[DEM8] shows what another app has put into the text, each unit in its place', async () => {
    using folder = temporaryFolder();
    await using server = await ServerProcess.start({ data: folder.path });
    using other = await new StockClient({ url: server.yjs, document: 'rich' }).synced();
    const text = other.doc.getText('content');
    text.insert(0, 'one\r\ntwo 😀 three');
    const window = await Window.open(browser, `${server.http}/#rich`);
    await until('it has come', async () => (await window.value()).includes('three'));
    text.insertEmbed(4, { image: 'x.png' });
    text.format(0, 3, { bold: true });
    // The carriage return is one as well.
    const special = window.page.locator('.cm-specialChar');
    await until('the image has its place', async () => (await special.count()) === 2);

    await window.text.focus();
    await press(window, ['Control+End']);
    await window.type(' four');
    await press(window, [...repeated('ArrowLeft', ' three four'.length), 'Backspace']);
    await window.page.keyboard.insertText('😁');
    await until('the edits are where they were made', () => text.toJSON() === 'one\r\ntwo 😁 three four');
    await window.says('Saved on disk');
    expect(window.complaints).toEqual([]);
  });

  it('[DEM8] lets nobody type into what is more than text', async () => {
    using folder = temporaryFolder();
    await using server = await ServerProcess.start({ data: folder.path });
    using other = await new StockClient({ url: server.yjs, document: 'list' }).synced();
    other.doc.getArray('content').insert(0, [1, 2, 3]);
    const window = await Window.open(browser, `${server.http}/#list`);
    await window.says('This document holds more than text: it can only be read here.');
    await window.type('x');
    expect(await window.value()).toBe('');
    expect(await window.text.isEditable()).toBe(false);
    expect(window.complaints).toEqual([]);
  });
});

async function press(window: Window, keys: readonly string[]): Promise<void> {
  await window.text.focus();
  for (const key of keys) await window.page.keyboard.press(key);
}

function repeated(key: string, times: number): string[] {
  return Array.from({ length: times }, () => key);
}
