// What the SDK adds to a page.
import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { bundleClient } from '../support/bundle.ts';

const maxBytes = 15 * 1024;

it.each([
  { beside: 'Yjs and y-protocols', isExternal: (module: string) => /^(yjs|y-protocols)(\/|$)/.test(module) },
  { beside: 'Yjs', isExternal: (module: string) => /^yjs$/.test(module) },
])('[SDK9] beside $beside a page needs less than 15 KB for it, gzipped', async ({ beside, isExternal }) => {
  const code = await bundleClient(isExternal);
  const { length } = gzipSync(code);
  console.log(`The client SDK beside ${beside}: ${code.length} bytes minified, ${length} gzipped.`);
  expect(length).toBeLessThan(maxBytes);
  // It is all there, and what is beside it is not inside.
  expect(code).toContain('createClient');
  expect(code).toMatch(/from\s*["']yjs["']/);
  expect(code).not.toContain('node:');
});
