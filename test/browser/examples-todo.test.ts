// A to-do list through automerge-repo, as the example shows it.
import { describe, expect, it } from 'vitest';
import { itemsIn, type List } from '../../client/demo/examples/todo/list.ts';
import { BothClient } from '../support/automerge-client.ts';
import { RepoClient } from '../support/automerge-repo-client.ts';
import { OtherWriter } from '../support/other-writer.ts';
import { until } from '../support/until.ts';
import { expectShownSource } from './example-source.ts';
import { ExampleStage } from './example-stage.ts';
import { ExampleWindow } from './example-window.ts';

const acknowledged = 'All changes acknowledged';

describe('the example with a to-do list', () => {
  const stage = new ExampleStage();

  /** Two windows with the same new list. */
  async function pair(): Promise<[ListWindow, ListWindow]> {
    const a = await open(`${stage.server.http}/examples/todo`);
    await a.window.says(acknowledged);
    const b = await open(a.window.page.url());
    await b.window.says(acknowledged);
    return [a, b];
  }

  async function open(url: string): Promise<ListWindow> {
    return new ListWindow(await ExampleWindow.open(stage.browser, url));
  }

  it('[EXA1] [EXA2] [EXA3] two windows and the client SDK agree, through a kill -9 of the server', async () => {
    const lists = await pair();
    const [a, b] = lists;
    const agree = (expected: string): Promise<void> =>
      until('both have the same list', async () =>
        (await Promise.all([a.items(), b.items()])).every((items) => items === expected),
      );
    for (const { window } of lists) {
      await until('both are here', async () => (await window.people.count()) === 2);
    }
    await a.add('Milk');
    await agree('[ ] Milk');
    await b.add('Tea');
    await agree('[ ] Milk, [ ] Tea');
    await b.tick('Milk');
    await agree('[x] Milk, [ ] Tea');
    await using sdk = new BothClient({ url: stage.server.sync });
    const name = (await a.window.fact('Document'))!;
    const document = sdk.client.open<List>(name, { engine: 'automerge' });
    await until('the SDK has it', () => itemsIn(document.current).length === 2);
    document.change(({ items }) => {
      items['by the SDK'] = { text: 'Jam', isDone: false, addedAtMs: Date.now() };
    });
    await agree('[x] Milk, [ ] Tea, [ ] Jam');
    await Promise.all(lists.map(({ window }) => window.says(acknowledged)));
    const heads = await a.window.fact('handle.heads()');
    expect(heads).toMatch(/\w{8}/);
    expect(await a.window.fact('handle.getSyncInfo(…).lastHeads')).toBe(heads);
    expect(a.window.page.url()).toBe(`${stage.server.http}/examples/todo#${name}`);
    await expectShownSource(a.window, stage.server, 'todo');
    expect(lists.flatMap(({ window }) => window.complaints)).toEqual([]);

    await stage.server.end('SIGKILL');
    await Promise.all(lists.map(({ window }) => window.says('Offline: all changes were acknowledged')));
    await until('nobody else is here', async () => (await a.window.people.count()) === 1);
    await a.add('Bread');
    await a.window.says('Offline: changes are kept here');
    await b.remove('Milk');
    stage.server = await stage.server.restart();
    await Promise.all(lists.map(({ window }) => window.says(acknowledged)));
    await agree('[ ] Tea, [ ] Jam, [ ] Bread');
    await until('the SDK has it', () => itemsIn(document.current).length === 3);
    for (const { window } of lists) {
      await until('both are here again', async () => (await window.people.count()) === 2);
    }

    const url = a.window.page.url();
    await Promise.all(lists.map(({ window }) => window.page.close()));
    const later = await open(url);
    await until('it is all there', async () => (await later.items()) === '[ ] Tea, [ ] Jam, [ ] Bread');
  });

  it('[EXA3] calls nothing acknowledged that is not on disk', async () => {
    const [a, b] = await pair();
    using disk = new OtherWriter(stage.folder.path);
    disk.hold();
    await a.add('Milk');
    await a.window.says('Saving');
    // Another window is let in meanwhile, so the server does answer.
    const other = await open(`${stage.server.http}/examples/codemirror#other`);
    await other.window.says('Connected and in sync');
    await a.window.says('Saving');
    expect(await a.window.fact('handle.getSyncInfo(…).lastHeads')).not.toBe(
      await a.window.fact('handle.heads()'),
    );
    expect(await b.items()).toBe('');
    disk.letGo();
    await a.window.says(acknowledged);
    await until('it is shown', async () => (await b.items()) === '[ ] Milk');
  });

  it('[EXA3] says of a document that it is not there', async () => {
    for (const id of ['4EyrYFKtiCZDkHJXSkCAiMuXVkEQ', 'noid']) {
      const { window } = await open(`${stage.server.http}/examples/todo#${id}`);
      await window.says('The server does not have this document.');
      expect(await window.page.getByRole('textbox').count()).toBe(0);
    }
  });

  it('[EXA7] shows of another app what is an item, and leaves the rest as it is', async () => {
    using app = await new RepoClient({ url: stage.server.automerge }).connected();
    const other = app.create({ text: 'no list' });
    const mixed = app.create({ items: { count: 7 } });
    await until('the server has them', () => app.isSafe(other) && app.isSafe(mixed));
    const { window } = await open(`${stage.server.http}/examples/todo#${other.documentId}`);
    await window.says('This document is no to-do list.');
    const list = await open(`${stage.server.http}/examples/todo#${mixed.documentId}`);
    await list.window.says(acknowledged);
    expect(await list.items()).toBe('');
    await list.add('Milk');
    await list.window.says(acknowledged);
    expect(await list.items()).toBe('[ ] Milk');
    await until('the app has it', () => Object.keys(mixed.doc().items!).length === 2);
    expect(mixed.doc().items!['count']).toBe(7);
    expect([...window.complaints, ...list.window.complaints]).toEqual([]);
  });

  it('[EXA5] two windows write into the same item, and the cursor stays where it was', async () => {
    const [a, b] = await pair();
    await a.add('Bring milk');
    await until('it is shown', async () => (await b.items()) === '[ ] Bring milk');
    await a.write('End', ', three bottles');
    await b.write('Home', 'Please: ');
    for (const list of [a, b]) {
      await until(
        'both are in it',
        async () => (await list.items()) === '[ ] Please: Bring milk, three bottles',
      );
    }
    await a.window.page.keyboard.type('!');
    await b.window.page.keyboard.type('do ');
    for (const list of [a, b]) {
      await until(
        'both went on where they were',
        async () => (await list.items()) === '[ ] Please: do Bring milk, three bottles!',
      );
    }
  });
});

/** A window with a list of one or more items. */
class ListWindow {
  readonly window: ExampleWindow;

  constructor(window: ExampleWindow) {
    this.window = window;
  }

  async add(text: string): Promise<void> {
    const field = this.window.page.getByRole('textbox', { name: 'Something to do' });
    await field.fill(text);
    await field.press('Enter');
  }

  async tick(text: string): Promise<void> {
    await this.window.page.getByRole('checkbox', { name: `Done: ${text}` }).click();
  }

  async remove(text: string): Promise<void> {
    await this.window.page.getByRole('button', { name: `Remove ${text}` }).click();
  }

  /** Into the first item, after a key has been pressed in it. */
  async write(key: string, letters: string): Promise<void> {
    await this.window.page.getByRole('textbox', { name: 'What is to be done' }).first().press(key);
    await this.window.page.keyboard.type(letters);
  }

  /** Those done have a cross. */
  async items(): Promise<string> {
    return this.window.page.locator('.items').evaluate((list) =>
      [...list.children]
        .map((item) => {
          const [tick, text] = item.querySelectorAll('input');
          return `[${tick!.checked ? 'x' : ' '}] ${text!.value}`;
        })
        .join(', '),
    );
  }
}
