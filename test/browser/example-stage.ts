// What the tests of the examples have in common: a browser, and a server on a folder of its own. Made within `describe`.
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { openBrowser } from '../support/browser.ts';
import { ServerProcess, temporaryFolder } from '../support/server.ts';
import { ExampleWindow } from './example-window.ts';

export class ExampleStage {
  readonly folder = temporaryFolder();
  browser!: Browser;
  /** A test that restarts it puts the new one here. */
  server!: ServerProcess;

  constructor() {
    beforeAll(async () => {
      [this.browser, this.server] = await Promise.all([
        openBrowser(),
        ServerProcess.start({ data: this.folder.path }),
      ]);
    });
    afterAll(async () => {
      await Promise.all([this.browser.close(), this.server.end('SIGKILL')]);
      this.folder[Symbol.dispose]();
    });
    afterEach(() => Promise.all(this.browser.contexts().map((context) => context.close())));
  }

  /** A window of an example, in a browser profile of its own: `tiptap#minutes`. */
  async open(example: string): Promise<ExampleWindow> {
    return ExampleWindow.open(this.browser, `${this.server.http}/examples/${example}`);
  }
}
