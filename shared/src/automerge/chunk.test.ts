import { describe, expect, it } from 'vitest';
import { SyncError } from '../error.ts';
import { changeType, checkSum, readChunk } from './chunk.ts';
import { ChunkReader } from './chunk-reader.ts';

/** Two chunks, the first with three bytes in it. */
const two = Uint8Array.from(Buffer.from('856f4a83aabbccdd0103010203856f4a83000000000000', 'hex'));

function codeOf(read: () => unknown): unknown {
  try {
    return read();
  } catch (error) {
    return error instanceof SyncError ? error.code : error;
  }
}

describe('[AUT2] chunks', () => {
  it('are read one after another', () => {
    const reader = new ChunkReader(two);
    expect(readChunk(reader)).toEqual({ type: changeType, start: 0, end: 13, bodyStart: 10 });
    expect(readChunk(reader)).toMatchObject({ type: 0, start: 13, end: 23 });
    expect(reader.isDone).toBe(true);
  });

  it('that are cut off anywhere, or begin with anything else, are refused', () => {
    for (let end = 0; end < 13; end++)
      expect(codeOf(() => readChunk(new ChunkReader(two, 0, end)))).toBe('malformed_update');
    for (let at = 0; at < 4; at++)
      expect(codeOf(() => readChunk(new ChunkReader(two.with(at, 0))))).toBe('malformed_update');
  });

  it('have the first bytes of their hash for a checksum', () => {
    const hash = Uint8Array.of(0xaa, 0xbb, 0xcc, 0xdd, 9);
    expect(() => checkSum(two, 0, hash)).not.toThrow();
    for (let at = 0; at < 4; at++)
      expect(codeOf(() => checkSum(two, 0, hash.with(at, 0)))).toBe('malformed_update');
  });

  it.each<[bytes: number[], expected: unknown]>([
    [[0x7f], 127],
    [[0x80, 0x01], 128],
    [[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f], Number.MAX_SAFE_INTEGER],
    [[0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10], 'malformed_update'],
    [[0x80, 0x00], 'malformed_update'],
    [[0x80], 'malformed_update'],
    [Array.from({ length: 12 }, () => 0xff), 'malformed_update'],
  ])('have numbers that are safe, and as short as can be: %j', (bytes, expected) => {
    expect(codeOf(() => new ChunkReader(Uint8Array.from(bytes)).uint())).toBe(expected);
  });
});
