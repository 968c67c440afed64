// CodeMirror through y-websocket, as the example shows it.
import { describe, expect, it } from 'vitest';
import { until } from '../support/until.ts';
import { Window } from './demo-window.ts';
import { expectShownSource } from './example-source.ts';
import { ExampleStage } from './example-stage.ts';

const inSync = 'Connected and in sync';

describe('the example with CodeMirror', () => {
  const stage = new ExampleStage();

  it('[EXA1] [EXA2] [EXA3] two windows and the demo agree, through a kill -9 of the server', async () => {
    const example = 'codemirror#notes%2Ftoday';
    const windows = await Promise.all([stage.open(example), stage.open(example)]);
    const [a, b] = windows;
    const demo = await Window.open(stage.browser, `${stage.server.http}/#notes%2Ftoday`);
    const values = (): Promise<string[]> => Promise.all([a.value(), b.value(), demo.value()]);
    const agree = (text: string): Promise<void> =>
      until('all have the same text', async () => (await values()).every((value) => value === text)).catch(
        async (error: unknown) => {
          throw new Error(`they show ${JSON.stringify(await values())}`, { cause: error });
        },
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
    await expectShownSource(a, stage.server, 'codemirror');
    expect(await a.fact('Document')).toBe('notes/today');
    expect(await a.fact('provider.url')).toBe(`${stage.server.yjs}/notes%2Ftoday`);
    expect(await a.fact('provider.synced')).toBe('true');
    expect(windows.flatMap(({ complaints }) => complaints)).toEqual([]);

    await stage.server.end('SIGKILL');
    await Promise.all(windows.map((window) => window.says('Offline: changes are kept here')));
    expect(await a.fact('provider.wsconnected')).toBe('false');
    await until('nobody else is here', async () => (await a.people.count()) === 1);
    await a.text.press('Control+End');
    await a.type('Left alone.');
    stage.server = await stage.server.restart();
    await Promise.all(windows.map((window) => window.returns(inSync)));
    const agreed = agree('From one. From the other. Left alone.');
    // The demo may be about to wait for longer than this test does.
    await Promise.any([demo.page.getByRole('button', { name: 'Try now' }).click(), agreed]);
    await agreed;
    await Promise.all([a.sees(b), b.sees(a)]);
    await until('the demo sees both', async () => (await demo.people.count()) === 3);

    await Promise.all([a, b, demo].map(({ page }) => page.close()));
    const later = await stage.open(example);
    await until(
      'it is all there',
      async () => (await later.value()) === 'From one. From the other. Left alone.',
    );
  });
});
