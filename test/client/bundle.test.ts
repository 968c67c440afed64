// What the SDK adds to a page, and that a page which has documents of one engine is not made to load the other.
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { bundle, bundleClient } from '../support/bundle.ts';

const yjs = /^yjs$/;
const yjsAndProtocols = /^(yjs|y-protocols)(\/|$)/;
const automerge = /^@automerge\/automerge$/;

describe.each([
  { engine: 'yjs', beside: 'Yjs and y-protocols', external: yjsAndProtocols, maxKb: 20 },
  { engine: 'yjs', beside: 'Yjs', external: yjs, maxKb: 20 },
  { engine: 'automerge', beside: 'Automerge', external: automerge, maxKb: 22 },
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

const isOfYjs = (module: string): boolean => yjsAndProtocols.test(module);
const isOfClient = (module: string): boolean => module.startsWith('@syncline/shared');

/** What an entry point becomes, and the packages and built-in modules that it imports beside this. */
async function entry(
  name: string,
  isBeside: (module: string) => boolean,
): Promise<{ code: string; modules: string[]; packages: string[] }> {
  const modules = new Set<string>();
  const source = fileURLToPath(new URL(`../../client/src/${name}.ts`, import.meta.url));
  const code = await bundle(source, (module) => {
    modules.add(module.replaceAll('\\', '/'));
    return isBeside(module);
  });
  const packages = [...modules].filter(
    (module) => !/^[./]|^@syncline\/|^\w:/.test(module) || module.startsWith('node:'),
  );
  return { code, modules: [...modules], packages };
}

function report(name: string, code: string): number {
  const { length } = gzipSync(code);
  console.log(`${name}: ${code.length} bytes minified, ${length} gzipped.`);
  return length;
}

describe('what an app takes besides', () => {
  it('[SDK9] the store in IndexedDB is small, and needs nothing of Node or of an engine', async () => {
    // What the client has as well is there once.
    const { code, packages } = await entry('indexeddb', isOfClient);
    expect(report('The store in IndexedDB, with what tabs share, beside the client', code)).toBeLessThan(
      12 * 1024,
    );
    expect(packages.filter((module) => !/^(idb|lib0)(\/|$)/.test(module))).toEqual([]);
    expect(code).toContain('indexedDB');
    expect(code).not.toMatch(/\bnode:|\bBuffer\b|\bprocess\./);
  });

  it('[SDK9] the provider is small, and brings no client of its own', async () => {
    const { code, modules } = await entry('provider', isOfYjs);
    expect(report('The provider', code)).toBeLessThan(3 * 1024);
    expect(modules.filter((module) => /sync\/|client\.ts|indexeddb|file\//.test(module))).toEqual([]);
  });

  it('[SDK14] the store in a file needs Node alone, and nothing of a browser', async () => {
    const { code, packages } = await entry('file', (module) => module.startsWith('node:'));
    expect(packages.every((module) => module.startsWith('node:'))).toBe(true);
    expect(packages).toContain('node:fs/promises');
    expect(code).not.toMatch(/\b(indexedDB|navigator|localStorage|window|document)\b\./);
  });

  it('[SDK9] a client that is given none of them has none of them inside', async () => {
    const { modules } = await entry('index', isOfYjs);
    expect(modules.length).toBeGreaterThan(20);
    expect(modules.filter((module) => /indexeddb|\/tabs\/|web\/tabs|\/file|provider/.test(module))).toEqual(
      [],
    );
  });
});
