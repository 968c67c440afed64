// What the SDK adds to a page, and that a page which has documents of one engine is not made to load the other.
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { bundleClient } from '../support/bundle.ts';

const yjs = /^yjs$/;
const yjsAndProtocols = /^(yjs|y-protocols)(\/|$)/;
const automerge = /^@automerge\/automerge$/;

describe.each([
  { engine: 'yjs', beside: 'Yjs and y-protocols', external: yjsAndProtocols, maxKb: 15 },
  { engine: 'yjs', beside: 'Yjs', external: yjs, maxKb: 15 },
  { engine: 'automerge', beside: 'Automerge', external: automerge, maxKb: 17 },
] as const)('beside $beside', ({ engine, beside, external, maxKb }) => {
  it(`[SDK9] a page needs less than ${maxKb} KB for it, gzipped`, async () => {
    const code = await bundleClient(engine, (module) => external.test(module));
    const { length } = gzipSync(code);
    console.log(`The client SDK beside ${beside}: ${code.length} bytes minified, ${length} gzipped.`);
    expect(length).toBeLessThan(maxKb * 1024);
    // It is all there, and what is beside it is not inside.
    expect(code).toContain('createClient');
    expect(code).not.toContain('node:');
  });

  it('[SDK14] it imports nothing but that', async () => {
    const asked = new Set<string>();
    const code = await bundleClient(engine, (module) => {
      const isPackage = !/^[./]|^@syncline\/|^lib0(\/|$)/.test(module);
      if (isPackage) asked.add(module);
      return isPackage;
    });
    expect(asked.size).toBeGreaterThan(0);
    expect(
      [...asked].filter((module) => !(engine === 'yjs' ? yjsAndProtocols : automerge).test(module)),
    ).toEqual([]);
    const imported = [...code.matchAll(/\bfrom\s*["']([^"']+)["']/g)].map(([, module]) => module!);
    expect(new Set(imported)).toEqual(asked);
  });
});
