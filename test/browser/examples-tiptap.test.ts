// Tiptap through Hocuspocus' provider, as the example shows it.
import { describe, expect, it } from 'vitest';
import { StockClient } from '../support/client.ts';
import { OtherWriter } from '../support/other-writer.ts';
import { storedDocument } from '../support/stored-updates.ts';
import { until } from '../support/until.ts';
import { expectShownSource } from './example-source.ts';
import { ExampleStage } from './example-stage.ts';

const acknowledged = 'All changes acknowledged';

describe('the example with Tiptap', () => {
  const stage = new ExampleStage();

  it('[EXA1] [EXA2] [EXA3] two windows and a y-websocket client agree, through a kill -9 of the server', async () => {
    const example = 'tiptap#minutes';
    const windows = await Promise.all([stage.open(example), stage.open(example)]);
    const [a, b] = windows;
    using other = await new StockClient({ url: stage.server.yjs, document: 'minutes' }).synced();
    other.provider.awareness.setLocalStateField('user', { name: 'Calm Lynx', color: '#15803d' });
    const agree = (text: string): Promise<void> =>
      until('all have the same text', async () => {
        const values = await Promise.all([a.value(), b.value()]);
        return [...values, lettersOf(other)].every((value) => value === text);
      });
    for (const { people } of windows) {
      await until('all three are here', async () => (await people.count()) === 3);
    }
    expect(await a.names()).toContain('Calm Lynx');

    await a.type('From one. ');
    await agree('From one. ');
    await b.page.getByRole('button', { name: 'Bold' }).click();
    await b.text.press('Control+End');
    await b.page.getByRole('button', { name: 'Bold' }).click();
    await b.page.keyboard.type('From the other. ');
    await agree('From one. From the other. ');
    expect(await a.value('strong')).toBe('From the other. ');
    const name = (await b.names())[0]!;
    await until('the cursor is named', async () => (await a.cursorNames.allTextContents()).includes(name));
    await Promise.all(windows.map((window) => window.says(acknowledged)));
    expect(await a.fact('provider.unsyncedChanges')).toBe('0');
    expect(await a.fact('Document')).toBe('minutes');
    await expectShownSource(a, stage.server, 'tiptap');
    expect(windows.flatMap(({ complaints }) => complaints)).toEqual([]);

    await stage.server.end('SIGKILL');
    await Promise.all(windows.map((window) => window.says('Offline: all changes were acknowledged')));
    await until('nobody else is here', async () => (await a.people.count()) === 1);
    await a.text.press('Control+End');
    await a.page.keyboard.type('!');
    await a.says('Offline: 1 change kept here');
    stage.server = await stage.server.restart();
    await Promise.all(windows.map((window) => window.returns(acknowledged)));
    await agree('From one. From the other. !');
    expect(storedDocument(stage.folder.path, 'minutes').getXmlFragment('default').toJSON()).toContain('!');
    await Promise.all([a.sees(b), b.sees(a)]);

    await Promise.all(windows.map(({ page }) => page.close()));
    const later = await stage.open(example);
    await until('it is all there', async () => (await later.value()) === 'From one. From the other. !');
  });

  it('[EXA3] calls nothing acknowledged that is not on disk', async () => {
    const window = await stage.open('tiptap#slow');
    await window.says(acknowledged);
    using disk = new OtherWriter(stage.folder.path);
    disk.hold();
    await window.type('abc');
    await window.says('Saving');
    expect(Number(await window.fact('provider.unsyncedChanges'))).toBeGreaterThan(0);
    // Another window is let in meanwhile, so the server does answer.
    const reader = await stage.open('tiptap#slow');
    await until('both are here', async () => (await window.people.count()) === 2);
    expect(await reader.value()).toBe('');
    await window.says('Saving');
    disk.letGo();
    await window.says(acknowledged);
    expect(await window.fact('provider.unsyncedChanges')).toBe('0');
    await until('it is shown', async () => (await reader.value()) === 'abc');
  });
});

/** The letters of the document as another client has it, without what they look like. */
function lettersOf({ doc }: StockClient): string {
  return doc
    .getXmlFragment('default')
    .toJSON()
    .replace(/<[^>]*>/g, '');
}
