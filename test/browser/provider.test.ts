// Editors in a real Chromium whose bindings take the SDK's provider for one of y-websocket.
import { fileURLToPath } from 'node:url';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AppServer } from '../support/app-server.ts';
import { openBrowser } from '../support/browser.ts';
import { bundle } from '../support/bundle.ts';
import { ServerProcess, temporaryFolder } from '../support/server.ts';
import { until } from '../support/until.ts';

const page = fileURLToPath(new URL('../../client/bindings/main.ts', import.meta.url));

/** One of the editors in somebody's page. */
class BoundEditor {
  readonly #page: Page;
  /** What has the focus. */
  readonly #input: Locator;
  /** What shows the text: the same, but in Monaco. */
  readonly #content: Locator;
  /** Those of the others. */
  readonly cursors: Locator;

  constructor(of: Page, binding: string) {
    this.#page = of;
    this.#input = of.locator(`#${binding} :is([contenteditable=true], .native-edit-context)`);
    this.#content = of.locator(`#${binding} :is([contenteditable=true], .view-lines)`);
    this.cursors = of.locator(
      `#${binding} :is(.cm-ySelectionInfo, .ProseMirror-yjs-cursor > div, .yRemoteSelectionHead)`,
    );
  }

  /** Where the cursor is. */
  async type(letters: string): Promise<void> {
    await this.#input.focus();
    await this.#page.keyboard.type(letters);
  }

  async press(keys: string): Promise<void> {
    await this.#input.focus();
    await this.#page.keyboard.press(keys);
  }

  /** Whose cursors are shown. */
  async names(): Promise<string[]> {
    return this.cursors.evaluateAll((cursors) =>
      // In Monaco a name is drawn by the style alone.
      cursors.map((cursor) => cursor.textContent || getComputedStyle(cursor, '::after').content.slice(1, -1)),
    );
  }

  /** Without what is drawn into it, and without the marks that keep it in shape. */
  async text(): Promise<string> {
    return this.#content.evaluate((content) => {
      const copy = content.cloneNode(true) as typeof content;
      for (const drawn of copy.querySelectorAll('.cm-ySelectionCaret, .ProseMirror-yjs-cursor'))
        drawn.remove();
      return (copy.textContent ?? '').replaceAll(/[\u2060\u200B]/g, '').replaceAll('\u00A0', ' ');
    });
  }
}

describe('a provider', () => {
  let browser: Browser;
  let app: AppServer;
  beforeAll(async () => {
    browser = await openBrowser();
    app = await AppServer.start(await bundle(page));
  });
  afterAll(async () => {
    await browser.close();
    await app[Symbol.asyncDispose]();
  });

  it.each(['codemirror', 'monaco', 'prosemirror', 'tiptap'])(
    '[SDK25] shares text and cursors in %s, before it is disconnected and after',
    async (binding) => {
      using folder = temporaryFolder();
      await using server = await ServerProcess.start({ data: folder.path });
      const complaints: string[] = [];
      const open = async (name: string): Promise<{ page: Page; editor: BoundEditor }> => {
        const context = await browser.newContext();
        const opened = await context.newPage();
        opened.on('pageerror', (error) => complaints.push(error.message));
        await opened.goto(`${app.url}?sync=${encodeURIComponent(server.sync)}&name=${name}`);
        return { page: opened, editor: new BoundEditor(opened, binding) };
      };
      const [anna, ben] = await Promise.all([open('anna'), open('ben')]);
      const sees = async ({ editor }: typeof anna, name: string): Promise<void> =>
        until(`${name} is seen`, async () => (await editor.names()).join() === name);
      const agree = async (): Promise<void> =>
        until('they agree', async () => (await anna.editor.text()) === (await ben.editor.text()));

      await anna.editor.type('one ');
      await until('ben has it', async () => (await ben.editor.text()).includes('one'));
      await sees(ben, 'anna');

      await anna.page.getByRole('button', { name: 'disconnect' }).click();
      await until('anna is gone', async () => (await ben.editor.cursors.count()) === 0);
      await anna.editor.type('hers ');
      await ben.editor.type('his ');
      expect(await ben.editor.text()).not.toContain('hers');
      await anna.page.getByRole('button', { name: 'connect', exact: true }).click();
      await until('ben has it', async () => (await ben.editor.text()).includes('hers'));
      await agree();
      for (const letters of ['one', 'hers', 'his']) expect(await anna.editor.text()).toContain(letters);

      // The binding still says where the cursor is, and still sees the other's.
      await anna.editor.type('again ');
      await sees(ben, 'anna');
      await ben.editor.type('too ');
      await sees(anna, 'ben');
      await agree();

      // What is taken back is what was typed here, and not the other's.
      await anna.editor.press('ControlOrMeta+z');
      await until('it is taken back', async () => !(await anna.editor.text()).includes('again'));
      await agree();
      expect(await ben.editor.text()).toContain('too');
      expect(complaints).toEqual([]);
      await Promise.all([anna, ben].map(({ page: each }) => each.context().close()));
    },
  );
});
