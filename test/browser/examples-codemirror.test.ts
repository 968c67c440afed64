// CodeMirror through y-websocket, as the example shows it.
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openBrowser } from '../support/browser.ts';
import { ServerProcess, temporaryFolder } from '../support/server.ts';
import { until } from '../support/until.ts';
import { Window } from './demo-window.ts';
import { expectShownSource } from './example-source.ts';
import { ExampleWindow } from './example-window.ts';

const inSync = 'Connected and in sync';

describe('the example with CodeMirror', () => {
  let browser: Browser;
  let server: ServerProcess;
  const folder = temporaryFolder();
  beforeAll(async () => {
    [browser, server] = await Promise.all([openBrowser(), ServerProcess.start({ data: folder.path })]);
  });
  afterAll(async () => {
    await Promise.all([browser.close(), server.end('SIGKILL')]);
    folder[Symbol.dispose]();
  });
  afterEach(() => Promise.all(browser.contexts().map((context) => context.close())));

  it('[EXA1] [EXA2] [EXA3] two windows and the demo agree, through a kill -9 of the server', async () => {
    const url = `${server.http}/examples/codemirror#notes%2Ftoday`;
    const windows = await Promise.all([ExampleWindow.open(browser, url), ExampleWindow.open(browser, url)]);
    const [a, b] = windows;
    const demo = await Window.open(browser, `${server.http}/#notes%2Ftoday`);
    const agree = (text: string): Promise<void> =>
      until('all have the same text', async () =>
        (await Promise.all([a.value(), b.value(), demo.value()])).every((value) => value === text),
      );
    await Promise.all(windows.map((window) => window.says(inSync)));
    for (const { people } of [a, b, demo]) {
      await until('all three are here', async () => (await people.count()) === 3);
    }

    await a.type('From one. ');
    await agree('From one. ');
    await b.text.press('Control+End');
    await b.type('From the other. ');
    await agree('From one. From the other. ');
    const name = (await b.names())[0]!;
    await until('the cursor is named', async () => (await a.cursorNames.allTextContents()).includes(name));
    await expectShownSource(a, server, 'codemirror');
    expect(await a.fact('Document')).toBe('notes/today');
    expect(await a.fact('provider.url')).toBe(`${server.yjs}/notes%2Ftoday`);
    expect(await a.fact('provider.synced')).toBe('true');
    expect(windows.flatMap(({ complaints }) => complaints)).toEqual([]);

    await server.end('SIGKILL');
    await Promise.all(windows.map((window) => window.says('Offline: changes are kept here')));
    expect(await a.fact('provider.wsconnected')).toBe('false');
    await until('nobody else is here', async () => (await a.people.count()) === 1);
    await a.text.press('Control+End');
    await a.type('Left alone.');
    server = await server.restart();
    await Promise.all(windows.map((window) => window.returns(inSync)));
    await agree('From one. From the other. Left alone.');
    await Promise.all([a.sees(b), b.sees(a)]);
    await until('the demo sees both', async () => (await demo.people.count()) === 3);

    await Promise.all([a, b, demo].map(({ page }) => page.close()));
    const later = await ExampleWindow.open(browser, url);
    await until(
      'it is all there',
      async () => (await later.value()) === 'From one. From the other. Left alone.',
    );
  });
});
