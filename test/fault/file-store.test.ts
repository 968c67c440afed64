// Files whose process was killed, that were cut off, and that are damaged.
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { fileStore } from '@syncline/client/file';
import { frameHeaderBytes } from '@syncline/client/file/frame.ts';
import { describe, expect, it } from 'vitest';
import { write } from '../contract/local-store-case.ts';
import { bytes, codeOf } from '../contract/local-store-same.ts';
import { SeededRandom } from '../support/random.ts';
import { temporaryFolder } from '../support/server.ts';
import { append, filled, firstsOf, framesOf, numbersOf } from './file-content.ts';
import { killAfter } from './file-process.ts';

describe('a process that is killed', () => {
  it('[LOC13] [LOC15] [LOC16] 30 times in the midst of writing leaves everything that was acknowledged, and the file free', async () => {
    using folder = temporaryFolder();
    const path = join(folder.path, 'kept');
    const random = new SeededRandom(13);
    const files = new Set<number>();
    let last = 0;
    for (let kill = 0; kill < 30; kill++) {
      const acknowledged = await killAfter(path, 1 + (random.word() % 15));
      files.add(statSync(path).ino);
      const numbers = await numbersOf(path);
      expect(numbers).toEqual(Array.from({ length: numbers.length }, (_, index) => index + 1));
      expect(acknowledged).toBeGreaterThan(last);
      // Three may have been written that it did not live to tell of.
      expect(numbers.length).toBeGreaterThanOrEqual(acknowledged);
      expect(numbers.length).toBeLessThanOrEqual(acknowledged + 3);
      last = numbers.length;
    }
    // It was rewritten as well meanwhile.
    expect(files.size).toBeGreaterThan(5);
  });
});

describe('a file that was cut off', () => {
  it('[LOC13] at any byte of what was written last has everything before, and takes more', async () => {
    using folder = temporaryFolder();
    const path = await filled(folder.path);
    const whole = readFileSync(path);
    const start = framesOf(whole).at(-1)!;
    expect(whole.length - start).toBeGreaterThan(200);
    const torn = join(folder.path, 'torn');
    for (let length = start; length < whole.length; length++) {
      writeFileSync(torn, whole.subarray(0, length));
      expect(await firstsOf(torn), `${length}`).toEqual([1, 2]);
      expect(statSync(torn).size).toBe(start);
      const life = await append(torn, 4);
      expect(await append(torn, 5), `${length}`).toBe(life);
      expect(await firstsOf(torn), `${length}`).toEqual([1, 2, 4, 5]);
    }
  });

  it('[LOC13] with what a power cut leaves of the last pages has everything before', async () => {
    using folder = temporaryFolder();
    const path = await filled(folder.path);
    const whole = readFileSync(path);
    const start = framesOf(whole).at(-1)!;
    const torn = join(folder.path, 'torn');
    const leave = async (change: (rest: Buffer) => Uint8Array): Promise<unknown> => {
      writeFileSync(
        torn,
        Buffer.concat([whole.subarray(0, start), change(Buffer.from(whole.subarray(start)))]),
      );
      return firstsOf(torn);
    };
    expect(await leave((rest) => rest.fill(0))).toEqual([1, 2]);
    expect(await leave((rest) => rest.fill(0, 0, 30))).toEqual([1, 2]);
    expect(await leave((rest) => rest.fill(0, 30))).toEqual([1, 2]);
    // What was copied from elsewhere is taken for nothing that was written here.
    expect(await leave((rest) => Buffer.concat([bytes(1), rest]))).toEqual([1, 2]);
    expect(await leave((rest) => rest)).toEqual([1, 2, 3]);
  });

  it('[LOC16] while it was rewritten is the one that it was', async () => {
    using folder = temporaryFolder();
    const path = await filled(folder.path);
    writeFileSync(`${path}.new`, readFileSync(path).subarray(0, 40));
    expect(await firstsOf(path)).toEqual([1, 2, 3]);
    expect(existsSync(`${path}.new`)).toBe(false);
  });
});

describe('a file that is damaged', () => {
  it('[LOC14] in any byte before what was written last is refused, and stays as it is', async () => {
    using folder = temporaryFolder();
    const path = await filled(folder.path);
    const whole = readFileSync(path);
    const damaged = join(folder.path, 'damaged');
    for (let place = 0; place < framesOf(whole).at(-1)!; place++) {
      const changed = Buffer.from(whole);
      changed[place]! ^= 1 << (place % 8);
      writeFileSync(damaged, changed);
      expect(await firstsOf(damaged), `${place}`).toBe('damaged');
      expect(readFileSync(damaged).equals(changed)).toBe(true);
    }
    const store = fileStore(damaged);
    expect(await codeOf(store.write([write({})]))).toBe('damaged');
    expect(await codeOf(store.list())).toBe('damaged');
    // As soon as it is put right it is used, by the store that was there.
    writeFileSync(damaged, whole);
    expect((await store.list()).length).toBe(1);
    await store.close();
  });

  it('[LOC14] while it is open is refused to whoever reads that part of it', async () => {
    using folder = temporaryFolder();
    const path = await filled(folder.path);
    const store = fileStore(path);
    await store.write([write({ document: 'b', updates: [bytes(9)] })]);
    const whole = readFileSync(path);
    whole[framesOf(whole)[1]! + frameHeaderBytes + 2]! ^= 4;
    writeFileSync(path, whole);
    expect(await codeOf(store.read('a'))).toBe('damaged');
    expect((await store.read('b'))?.updates).toEqual([bytes(9)]);
    await store.close();
  });

  it('[LOC14] because it is something else is refused, and stays as it is', async () => {
    using folder = temporaryFolder();
    const path = join(folder.path, 'list');
    for (const content of ['A', 'A list of things to do.\n'.repeat(50)]) {
      writeFileSync(path, content);
      expect(await firstsOf(path)).toBe('damaged');
      expect(readFileSync(path, 'utf8')).toBe(content);
    }
    writeFileSync(path, '');
    expect(await firstsOf(path)).toBeUndefined();
  });

  it('[LOC12] of a newer format is refused as that, and stays as it is', async () => {
    using folder = temporaryFolder();
    const path = await filled(folder.path);
    const newer = readFileSync(path);
    newer.writeUInt32LE(2, 8);
    newer.writeUInt32LE(crc32(newer.subarray(0, 20)), 20);
    writeFileSync(path, newer);
    expect(await firstsOf(path)).toBe('newer');
    expect(readFileSync(path).equals(newer)).toBe(true);
  });
});
