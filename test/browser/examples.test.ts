// What the examples have in common.
import { describe, expect, it } from 'vitest';
import { GuardedServer } from '../support/guarded-server.ts';
import { ServerProcess, temporaryFolder } from '../support/server.ts';
import { TokenKey } from '../support/tokens.ts';
import { until } from '../support/until.ts';
import { Window } from './demo-window.ts';
import { ExampleStage } from './example-stage.ts';
import { ExampleWindow } from './example-window.ts';

const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

describe('the examples', () => {
  const stage = new ExampleStage();

  it('[EXA4] the demo leads to them and loads nothing of them, and each loads its own', async () => {
    const marks = { prosemirror: /ProseMirror/, codemirror: /cm-lineWrapping/, automerge: /WebAssembly/ };
    const loadedAt = async (path: string): Promise<string[]> => {
      const context = await stage.browser.newContext();
      const page = await context.newPage();
      const bodies: Promise<string>[] = [];
      page.on('response', (response) => {
        if (/\.(js|css)$/.test(response.url())) bodies.push(response.text());
        if (response.url().endsWith('.wasm')) bodies.push(Promise.resolve('WebAssembly'));
      });
      await page.goto(stage.server.http + path);
      await page.locator('#status:not([data-state=connecting])').waitFor();
      const code = (await Promise.all(bodies)).join('\n');
      return Object.entries(marks).flatMap(([name, mark]) => (mark.test(code) ? [name] : []));
    };
    expect(await loadedAt('/')).toEqual(['codemirror']);
    expect(await loadedAt('/examples/codemirror')).toEqual(['codemirror']);
    expect(await loadedAt('/examples/tiptap')).toEqual(['prosemirror']);
    expect(await loadedAt('/examples/todo')).toEqual(['automerge']);

    const window = await Window.open(stage.browser, stage.server.http);
    const links = window.page.getByRole('list', { name: 'Your app, one line changed' }).getByRole('link');
    expect(await links.allTextContents()).toEqual(['Tiptap', 'CodeMirror', 'To-do']);
    for (const link of await links.all()) {
      const href = await link.evaluate((anchor: HTMLAnchorElement) => anchor.href);
      expect((await fetch(href)).status).toBe(200);
    }
    expect((await fetch(`${stage.server.http}/examples/none`)).status).toBe(404);
    expect((await fetch(`${stage.server.http}/examples/`)).url).toBe(`${stage.server.http}/examples/tiptap`);
  });

  it('[EXA3] take a token along, and say who may only read and who may not even that', async () => {
    using other = temporaryFolder();
    const key = new TokenKey(other.path);
    await using guarded = await ServerProcess.start({ data: other.path, arguments: key.arguments });
    const token = key.sign({ read: ['shown'], write: ['mine'] });
    const demo = await Window.open(stage.browser, `${guarded.http}/?token=${token}#mine`);
    await demo.page.getByRole('link', { name: 'CodeMirror' }).click();
    await demo.page.waitForURL(`${guarded.http}/examples/codemirror?token=${token}`);
    const open = (page: string): Promise<ExampleWindow> =>
      ExampleWindow.open(stage.browser, `${guarded.http}/examples/${page}`);
    const [writer, stranger, watcher, reader, refused] = await Promise.all([
      open(`codemirror?token=${token}#mine`),
      open('codemirror#mine'),
      open(`codemirror?token=${token}#shown`),
      open(`tiptap?token=${token}#shown`),
      open(`tiptap?token=${token}#theirs`),
    ]);
    await writer.says('Connected and in sync');
    expect(await writer.page.locator('aside').textContent()).not.toContain(token);
    await until('it says why', async () => (await stranger.status()).startsWith('The server has refused: '));
    await reader.says('Read only: you may not change this document.');
    expect(await reader.fact('provider.authorizedScope')).toBe('readonly');
    expect(await reader.text.isEditable()).toBe(false);
    for (const button of await reader.page.getByRole('toolbar').getByRole('button').all()) {
      expect(await button.isDisabled()).toBe(true);
    }
    await watcher.says('Read only: you may not change this document.');
    await watcher.type('not for me');
    expect(await watcher.value()).toBe('');
    await until('it says why', async () => (await refused.status()).startsWith('The server has refused: '));
    expect(await refused.text.isEditable()).toBe(false);
  });

  it('[EXA3] say of a to-do list who may only read it, who not even that, and who has no token that is good', async () => {
    await using guarded = await GuardedServer.start();
    const { key } = guarded;
    const open = async (search: string, id = ''): Promise<ExampleWindow> =>
      ExampleWindow.open(stage.browser, `${guarded.server.http}/examples/todo${search}#${id}`);
    const writer = await open(`?token=${key.sign({ write: ['**'] })}`);
    await writer.says('All changes acknowledged');
    const field = writer.page.getByRole('textbox', { name: 'Something to do' });
    await field.fill('Milk');
    await field.press('Enter');
    await writer.says('All changes acknowledged');
    const id = (await writer.fact('Document'))!;
    const [reader, stranger, refused] = await Promise.all([
      open(`?token=${key.sign({ read: [id] })}`, id),
      open('', id),
      open(`?token=${key.sign({ write: ['other'] })}`, id),
    ]);
    await reader.says('Read only: you may not change this document.');
    const item = reader.page.getByRole('textbox', { name: 'What is to be done' });
    expect(await item.inputValue()).toBe('Milk');
    expect(await item.isDisabled()).toBe(true);
    expect(await reader.page.getByRole('textbox').count()).toBe(1);
    expect(await reader.page.getByRole('checkbox').isDisabled()).toBe(true);
    await stranger.says(
      'The server has refused: unauthenticated: There is no token, or not one that this server accepts. (there is no token)',
    );
    await refused.says('The server has refused: forbidden: The principal has no grant for this.');
    for (const { page } of [stranger, refused]) expect(await page.getByRole('textbox').count()).toBe(0);
    expect([writer, reader, refused].flatMap(({ complaints }) => complaints)).toEqual([]);
  });

  it('[EXA4] have each a document of its own where the address names none', async () => {
    const demo = await Window.open(stage.browser, stage.server.http);
    const names = [await demo.title.inputValue()];
    for (const example of ['tiptap', 'codemirror', 'todo']) {
      const window = await stage.open(example);
      names.push((await window.fact('Document'))!);
    }
    expect(new Set(names).size).toBe(4);
  });

  it('[EXA6] are held to the same content security policy, but for the engine of one of them', async () => {
    const policyOf = async (name: string): Promise<string> =>
      (await fetch(`${stage.server.http}/examples/${name}`)).headers.get('content-security-policy')!;
    for (const name of ['tiptap', 'codemirror']) {
      expect(await policyOf(name)).not.toMatch(/unsafe|\*|https?:|wss?:|data:/);
    }
    const policy = await policyOf('todo');
    expect(policy).toContain("script-src 'self' 'wasm-unsafe-eval';");
    expect(policy.replace("'wasm-unsafe-eval'", '')).not.toMatch(/unsafe|\*|https?:|wss?:|data:/);
  });

  it.each(['tiptap', 'codemirror', 'todo'])(
    '[EXA6] can be used by keyboard, on a phone, without a complaint: %s',
    async (example) => {
      const window = await ExampleWindow.open(
        stage.browser,
        `${stage.server.http}/examples/${example}`,
        phone,
      );
      const text = window.page.getByRole('textbox').first();
      await text.focus();
      await window.page.keyboard.type('unbroken'.repeat(20));
      await window.page.keyboard.press('Enter');
      await until('nothing is beyond the edge', async () => (await sideways(window)).length === 0);
      expect(await tooSmall(window)).toEqual([]);
      const tree = await window.page.locator('body').ariaSnapshot();
      expect(tree).toMatch(/- banner:/);
      expect(tree).toMatch(/- navigation "Examples"/);
      expect(tree).toMatch(/- main:/);
      expect(tree).toMatch(/- heading ".* through .*" \[level=1\]/);
      expect(tree).toMatch(/- textbox/);
      expect(tree.match(/- (button|link|textbox|checkbox|region|img)(?! ").*/g)).toBeNull();
      expect(window.complaints).toEqual([]);

      const opened = window.page.context().waitForEvent('page');
      await window.page.getByRole('link', { name: 'Open a second window' }).press('Enter');
      expect((await opened).url()).toBe(window.page.url());
    },
  );
});

/** What reaches beyond the window, or makes the page scroll sideways. */
async function sideways(window: ExampleWindow): Promise<string[]> {
  return window.page.evaluate(() => {
    const scrolled = [...document.querySelectorAll('html, body, main, aside, pre, .cm-scroller')].filter(
      (element) => element.scrollWidth > element.clientWidth,
    );
    const beyond = [...document.querySelectorAll('a, button, h1, dd, .cm-line, footer')].filter(
      (element) => element.getBoundingClientRect().right > innerWidth + 0.5,
    );
    return [...scrolled, ...beyond].map((element) => element.outerHTML.slice(0, 100));
  });
}

/** What can be touched and is smaller than a finger; a link in a sentence is as high as the sentence. */
async function tooSmall(window: ExampleWindow): Promise<string[]> {
  return window.page.evaluate(() =>
    [...document.querySelectorAll('button, header a, input')]
      .filter((element) => element.checkVisibility())
      .filter((element) => {
        const { width, height } = element.getBoundingClientRect();
        return width < 44 || height < 44;
      })
      .map((element) => element.outerHTML.slice(0, 100)),
  );
}
