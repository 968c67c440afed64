// The status line against what is really so: a disk that takes its time, a server that refuses, an edit that exists nowhere else.
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openBrowser } from '../support/browser.ts';
import { OtherWriter } from '../support/other-writer.ts';
import { ServerProcess, temporaryFolder } from '../support/server.ts';
import { TokenKey } from '../support/tokens.ts';
import { until } from '../support/until.ts';
import { Window } from './demo-window.ts';

describe('the status line of the page', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser.close());
  afterEach(() => Promise.all(browser.contexts().map((context) => context.close())));

  it('[DEM2] says saving for as long as the disk has not taken it, and then saved', async () => {
    using folder = temporaryFolder();
    await using server = await ServerProcess.start({ data: folder.path });
    const window = await Window.open(browser, `${server.http}/#slow`);
    await window.says('Saved on disk');
    const said = await record(window);

    using other = new OtherWriter(folder.path);
    other.hold();
    await window.type('a few words');
    await window.says('Saving');
    const reader = await Window.open(browser, `${server.http}/#slow`);
    await until('the server answers others meanwhile', async () => (await reader.people.count()) === 2);
    await window.says('Saving');
    other.letGo();
    await window.says('Saved on disk');
    expect(await said()).toEqual(['Saving', 'Saved on disk']);
    expect(await reader.value()).toBe('a few words');
  });

  it('[DEM2] says what a server promises that does not wait for its disk', async () => {
    using folder = temporaryFolder();
    await using server = await ServerProcess.start({
      data: folder.path,
      arguments: ['--durability', 'normal'],
    });
    const window = await Window.open(browser, `${server.http}/#quick`);
    await window.says('Saved, though a power cut could still undo it');
    await window.type('quick');
    await window.says('Saved, though a power cut could still undo it');
    expect(window.complaints).toEqual([]);
  });

  it('[DEM2] [DEM9] is read out once things have come to rest', async () => {
    using folder = temporaryFolder();
    await using server = await ServerProcess.start({ data: folder.path });
    const window = await Window.open(browser, `${server.http}/#spoken`);
    const spoken = window.page.getByRole('contentinfo').getByRole('status');
    await until('it is read out', async () => (await spoken.textContent()) === 'Saved on disk');
    await server.end('SIGKILL');
    await window.says('Offline: all changes are saved');
    await window.typeOffline('twelve');
    const last = 'Offline: 6 changes kept on this device';
    await until('the count is read out', async () => (await spoken.textContent()) === last);
  });

  it('[DEM3] a connection that is rejected is explained, and tried again', async () => {
    using folder = temporaryFolder();
    const key = new TokenKey(folder.path);
    await using server = await ServerProcess.start({ data: folder.path, arguments: key.arguments });
    const window = await Window.open(browser, `${server.http}/#anything`);
    await window.says(
      'The server wants a token that it accepts: open the page with ?token=… in its address.',
    );
    await window.type('x');
    expect(await window.value()).toBe('');
    expect(await window.text.isEditable()).toBe(false);

    await server.end('SIGKILL');
    await using open = await ServerProcess.start({ data: folder.path, port: server.port });
    await window.page.getByRole('button', { name: 'Retry' }).click();
    await window.says('Saved on disk');
    expect(open.port).toBe(server.port);
    await window.type('y');
    await until('it takes typing', async () => (await window.value()) === 'y');
  });

  it('[DEM3] a document that is refused or read only is explained, and another opens', async () => {
    using folder = temporaryFolder();
    const key = new TokenKey(folder.path);
    await using server = await ServerProcess.start({ data: folder.path, arguments: key.arguments });
    const token = key.sign({ read: ['shown'], write: ['mine'] });
    const window = await Window.open(browser, `${server.http}/?token=${token}#theirs`);
    await window.says('You may not open this document.');
    expect(await window.text.isEditable()).toBe(false);
    await window.page.getByRole('button', { name: 'Retry' }).click();
    await window.says('You may not open this document.');

    await window.title.fill('shown');
    await window.page.keyboard.press('Enter');
    await window.says('Read only: you may not change this document.');
    await window.type('x');
    expect(await window.value()).toBe('');

    await window.title.fill('mine');
    await window.page.keyboard.press('Enter');
    await window.says('Saved on disk');
    await window.type('x');
    expect(await window.value()).toBe('x');
    await window.says('Saved on disk');
  });

  it('[DEM3] a name that no document can have is explained', async () => {
    using folder = temporaryFolder();
    await using server = await ServerProcess.start({ data: folder.path });
    const window = await Window.open(browser, `${server.http}/#a%00b`);
    await window.says(
      'No document can have this name: it has a control character or half of a surrogate pair.',
    );
    await window.title.fill('welcome');
    await window.page.keyboard.press('Enter');
    await window.says('Saved on disk');
    expect(window.complaints).toEqual([]);
  });

  it('[DEM10] [DEM14] a window asks before it is closed over what only it has, and says that the browser keeps nothing', async () => {
    using folder = temporaryFolder();
    await using server = await ServerProcess.start({ data: folder.path });
    const [lone, kept, idle] = (await Promise.all(
      ['lone', 'kept', 'idle'].map(() => Window.open(browser, 'about:blank')),
    )) as [Window, Window, Window];
    // As in private windows of some browsers.
    await lone.page.addInitScript(() => Object.defineProperty(globalThis, 'indexedDB', { value: undefined }));
    for (const window of [lone, kept, idle]) {
      await window.page.goto(`${server.http}/#closing`);
      await window.says('Saved on disk');
    }
    await lone.notes('This browser does not keep what you type: it gives this page no storage.');
    expect(await kept.keeping.isVisible()).toBe(false);

    await server.end('SIGKILL');
    for (const window of [lone, kept, idle]) await window.says('Offline: all changes are saved');
    await lone.type('.');
    await lone.says('Offline: 1 change in this window alone');
    await kept.type('.');
    await kept.says('Offline: 1 change kept on this device');
    expect(await lone.asksBeforeClosing()).toBe(true);
    expect(await kept.asksBeforeClosing()).toBe(false);
    expect(await idle.asksBeforeClosing()).toBe(false);
  });
});

/** Everything that the line says from now on. */
async function record(window: Window): Promise<() => Promise<string[]>> {
  const said = await window.status.evaluateHandle((line: HTMLElement) => {
    const words: string[] = [];
    new MutationObserver(() => words.push(line.textContent)).observe(line, {
      childList: true,
      characterData: true,
      subtree: true,
    });
    return words;
  });
  return () => said.jsonValue();
}
