// What an example shows of its source, against the file that it is of and the socket that the page has opened.
import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import type { ServerProcess } from '../support/server.ts';
import type { ExampleWindow } from './example-window.ts';

/** Every line shown is one of the file, and the one that changes has the address that the page's socket went to. */
export async function expectShownSource(
  window: ExampleWindow,
  server: ServerProcess,
  example: string,
): Promise<void> {
  const path = new URL(`../../client/demo/examples/${example}/connect.ts`, import.meta.url);
  const file = readFileSync(path, 'utf8');
  const { lines, changed } = await window.source();
  expect(lines.length).toBeGreaterThan(3);
  for (const line of lines) expect(file).toContain(line.trim());
  const address = changed.match(/`(\$\{server\}\/[a-z]+)/)![1]!;
  expect(window.sockets.length).toBeGreaterThan(0);
  for (const socket of window.sockets) {
    expect(`${socket}/`).toContain(`${address.replace('${server}', server.http.replace('http', 'ws'))}/`);
  }
}
