// What is in a file, for tests that kill its process or change it behind its back.
import { join } from 'node:path';
import { fileStore } from '@syncline/client/file';
import {
  decodeFrameHeader,
  decodeHeader,
  frameHeaderBytes,
  headerBytes,
} from '@syncline/client/file/frame.ts';
import { write, written } from '../contract/local-store-case.ts';
import { bytes, codeOf } from '../contract/local-store-same.ts';
import { numbersIn } from './file-writing.ts';

/** A file with three entries, each written by itself. */
export async function filled(folder: string): Promise<string> {
  const path = join(folder, 'kept');
  for (const value of [1, 2, 3]) await append(path, value, new Uint8Array(60).fill(value));
  return path;
}

/** Gives the life. */
export async function append(path: string, value: number, update = bytes(value)): Promise<string> {
  const store = fileStore(path);
  const resume = {
    replica: new Uint8Array(16).fill(value),
    epoch: bytes(1),
    position: value,
    headSeen: value,
  };
  const given = await store.write([write({ updates: [update], mark: { resume, incarnation: 1 } })]);
  await store.close();
  return written(given).life;
}

/** The first byte of each entry, or with which code it is refused. */
export async function firstsOf(path: string): Promise<unknown> {
  const store = fileStore(path);
  let firsts: unknown;
  const code = await codeOf(
    store.read('a').then((kept) => (firsts = kept?.updates.map((update) => update[0]))),
  );
  await store.close();
  return code === 'done' ? firsts : code;
}

export async function numbersOf(path: string): Promise<number[]> {
  const store = fileStore(path);
  const numbers = numbersIn(await store.read('a'));
  await store.close();
  return numbers;
}

/** Where the frames of a file begin. */
export function framesOf(file: Buffer): number[] {
  const salt = decodeHeader(file.subarray(0, headerBytes));
  const frames: number[] = [];
  for (let place = headerBytes; place < file.length;) {
    frames.push(place);
    const header = decodeFrameHeader(file.subarray(place), salt, place)!;
    place += frameHeaderBytes + header.contentBytes + header.changeBytes;
  }
  return frames;
}
