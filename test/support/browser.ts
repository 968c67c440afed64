// A real Chromium.
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium } from 'playwright-core';
import { findBrowser } from '../../scripts/browser.mjs';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

export interface BrowserSettings {
  /** Whether a page that one leaves is kept in memory for the way back, as people's browsers do, and Playwright does not want it. */
  readonly hasBackForwardCache?: boolean;
}

/** Closed by `await using`. */
export async function openBrowser({ hasBackForwardCache = false }: BrowserSettings = {}): Promise<Browser> {
  const executablePath = findBrowser(root);
  if (executablePath === undefined)
    throw new Error("no Chromium: run 'node scripts/bootstrap.mjs --browser'");
  return chromium.launch({
    executablePath,
    ignoreDefaultArgs: hasBackForwardCache ? ['--disable-back-forward-cache'] : [],
    // Playwright leaves the sandbox off, with which Chromium starts neither as root nor in many containers.
    // The rest keeps it from looking for a network and a graphics card that a test machine may not have.
    args: [
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
      '--disable-quic',
      '--disable-gpu',
    ],
  });
}
