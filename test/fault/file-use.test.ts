// Files that somebody else has, that are removed, that grow and that may not grow.
import { mkdirSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileStore } from '@syncline/client/file';
import { describe, expect, it } from 'vitest';
import { write, written } from '../contract/local-store-case.ts';
import { bytes, codeOf } from '../contract/local-store-same.ts';
import { temporaryFolder } from '../support/server.ts';
import { append, filled, firstsOf, framesOf, numbersOf } from './file-content.ts';
import { toldBy } from './file-process.ts';

describe('a file that somebody has', () => {
  it('[LOC15] is refused to a second process and to a second store, until it is closed', async () => {
    using folder = temporaryFolder();
    const path = await filled(folder.path);
    const store = fileStore(path);
    await store.list();
    expect(await toldBy(path)).toEqual({ refused: 'held' });
    expect(await firstsOf(path)).toBe('held');
    symlinkSync(path, join(folder.path, 'link'));
    expect(await firstsOf(join(folder.path, 'link'))).toBe('held');
    const second = fileStore(path);
    expect(await codeOf(second.list())).toBe('held');
    await store.close();
    expect((await second.read('a'))?.through).toBe(3);
    await second.close();
  });

  it('[LOC15] is had by one at most of those that ask at the same moment', async () => {
    using folder = temporaryFolder();
    const path = await filled(folder.path);
    const stores = Array.from({ length: 8 }, () => fileStore(path));
    const answers = await Promise.all(stores.map((store) => codeOf(store.list())));
    expect(answers.filter((answer) => answer === 'done').length).toBeLessThanOrEqual(1);
    expect(answers.filter((answer) => answer === 'held').length).toBeGreaterThanOrEqual(7);
    await Promise.all(stores.map((store) => store.close()));
    expect(await firstsOf(path)).toEqual([1, 2, 3]);
  });

  // Elsewhere there is no other way to a socket than its path.
  it.runIf(process.platform === 'linux')(
    '[LOC15] has its lock in a folder with a long path too',
    async () => {
      using folder = temporaryFolder();
      const long = join(folder.path, 'long'.repeat(40));
      mkdirSync(long);
      const path = await filled(long);
      const store = fileStore(path);
      await store.list();
      expect(await firstsOf(path)).toBe('held');
      await store.close();
      expect(await firstsOf(path)).toEqual([1, 2, 3]);
    },
  );

  it('[LOC5] and that is removed meanwhile is begun anew, with other lives', async () => {
    using folder = temporaryFolder();
    const path = await filled(folder.path);
    const store = fileStore(path);
    const { life } = (await store.read('a'))!;
    rmSync(path);
    expect(await store.write([write({ life, updates: [bytes(4)] })])).toEqual([{ is: 'of-another-life' }]);
    expect(await store.read('a')).toBeUndefined();
    const next = written(await store.write([write({ updates: [bytes(5)] })]));
    await store.close();
    expect(next.life).not.toBe(life);
    expect(await firstsOf(path)).toEqual([5]);
  });

  it('[LOC9] in a folder that is not there, or that is a folder, fails, and is opened when it can be', async () => {
    using folder = temporaryFolder();
    expect(await firstsOf(folder.path)).toBe('failed');
    const below = join(folder.path, 'below');
    const store = fileStore(join(below, 'kept'));
    expect(await codeOf(store.list())).toBe('failed');
    expect(await codeOf(store.write([write({})]))).toBe('failed');
    mkdirSync(below);
    expect(await codeOf(store.write([write({})]))).toBe('done');
    await store.close();
  });
});

describe('a file that grows', () => {
  it('[LOC16] is rewritten when more than half of it is of no more use', async () => {
    using folder = temporaryFolder();
    const path = join(folder.path, 'kept');
    const store = fileStore(path);
    const content = (value: number): Uint8Array => new Uint8Array(300_000).fill(value);
    await store.write([
      write({ document: 'b', updates: [bytes(7)], unsaved: { tab: 't', edits: 1, sinceMs: 2 } }),
    ]);
    let { life } = written(await store.write([write({ updates: [content(0)] })]));
    let largest = 0;
    for (let value = 1; value < 60; value++) {
      const reading = store.read('a');
      const through = value;
      const snapshot = { bytes: [content(value)], through };
      ({ life } = written(await store.write([write({ life, updates: [bytes(value)], snapshot })])));
      const read = (await reading)!;
      expect(read.updates.map((update) => update[0])).toContain(value - 1);
      largest = Math.max(largest, statSync(path).size);
    }
    expect(largest).toBeLessThan(3_000_000);
    await store.close();
    const again = fileStore(path);
    const kept = (await again.read('a'))!;
    expect(kept.updates.map((update) => [update[0], update.length])).toEqual([
      [59, 300_000],
      [59, 1],
    ]);
    expect([kept.life, kept.through]).toEqual([life, 60]);
    expect(await again.read('b')).toMatchObject({
      through: 1,
      unsaved: [{ tab: 't', edits: 1, sinceMs: 2 }],
    });
    await again.close();
  });

  it('[LOC13] takes what is written at once to the disk together', async () => {
    using folder = temporaryFolder();
    const path = join(folder.path, 'kept');
    const store = fileStore(path);
    await store.list();
    const frames = framesOf(readFileSync(path)).length;
    await Promise.all(Array.from({ length: 100 }, () => store.write([write({ updates: [bytes(1)] })])));
    expect((await store.read('a'))?.through).toBe(100);
    await store.close();
    expect(framesOf(readFileSync(path)).length - frames).toBeLessThanOrEqual(2);
  });

  // The limit is the shell's, which Windows does not have.
  it.skipIf(process.platform === 'win32')(
    '[LOC11] as far as it may says that it is full, keeps what it has, and goes on when there is room',
    async () => {
      using folder = temporaryFolder();
      const path = join(folder.path, 'kept');
      const told = await toldBy(path, { prefix: 'trap "" XFSZ; ulimit -f 400;', words: ['50000'] });
      expect(told).toMatchObject({ code: 'full', small: 'done' });
      expect(told.written).toBeGreaterThan(3);
      expect(statSync(path).size).toBeLessThanOrEqual(400 * 1024);
      expect(await numbersOf(path)).toHaveLength(told.written!);
      await append(path, 1, new Uint8Array(500_000));
      const store = fileStore(path);
      expect((await store.read('a'))?.updates.at(-1)).toHaveLength(500_000);
      await store.close();
    },
  );
});
