import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');

it('every rule has a test, and every test that cites a rule cites one that is there', () => {
  const rules = new Set([...read('SPEC.md').matchAll(/^- \*\*([A-Z]{3}\d+)\*\*/gm)].map(([, id]) => id!));
  const cited = new Set(
    testFiles().flatMap((file) => [...read(file).matchAll(/\[([A-Z]{3}\d+)\]/g)].map(([, id]) => id!)),
  );
  expect([...rules].filter((id) => !cited.has(id))).toEqual([]);
  expect([...cited].filter((id) => !rules.has(id))).toEqual([]);
});

function testFiles(): string[] {
  return ['server', 'client', 'shared', 'test'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !file.includes('node_modules'))
      .map((file) => join(folder, file)),
  );
}

function read(file: string): string {
  return readFileSync(join(root, file), 'utf8');
}
