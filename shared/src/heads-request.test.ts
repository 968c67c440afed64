import fc from 'fast-check';
import { expect, it } from 'vitest';
import { SyncError } from './error.ts';
import { headsFingerprint } from './heads-fingerprint.ts';
import { decodeHeadsRequest, encodeHeadsRequest, sampleIndexes } from './heads-request.ts';

const hash = fc.uint8Array({ minLength: 32, maxLength: 32 });
const held = fc.record({
  heads: fc.array(hash, { maxLength: 300 }),
  samples: fc.array(hash, { maxLength: 30 }),
});

/** Whether it is refused, as it should be. */
function isRefused(bytes: Uint8Array): boolean {
  try {
    decodeHeadsRequest(bytes);
    return false;
  } catch (error) {
    if (error instanceof SyncError && error.code === 'bad_frame') return true;
    throw error;
  }
}

it('[NAT15] a heads request is read as it was written, whatever lies around it', () => {
  fc.assert(
    fc.property(held, (each) => {
      const bytes = encodeHeadsRequest(each);
      const amid = new Uint8Array(bytes.length + 20).fill(7);
      amid.set(bytes, 9);
      expect(decodeHeadsRequest(amid.subarray(9, 9 + bytes.length))).toEqual(each);
    }),
  );
});

it('[NAT15] one cut short, with bytes after it, of another form or made of noise is refused', () => {
  fc.assert(
    fc.property(held, fc.nat(), (each, at) => {
      const bytes = encodeHeadsRequest(each);
      expect(isRefused(bytes.subarray(0, at % bytes.length))).toBe(true);
      expect(isRefused(Uint8Array.of(...bytes, 0))).toBe(true);
      expect(isRefused(bytes.map((byte, index) => (index === 0 ? 2 : byte)))).toBe(true);
    }),
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (noise) => {
      // A number of hashes that is not there costs nothing.
      expect(isRefused(Uint8Array.of(1, 0xff, ...noise, 0xff, 0xff, 0xff))).toBe(true);
    }),
  );
});

it('[NAT15] samples are ever further from the newest change, and few', () => {
  expect([0, 1, 2, 3, 5, 10].map(sampleIndexes)).toEqual([[], [], [0], [1, 0], [3, 2, 0], [8, 7, 5, 1]]);
  expect(sampleIndexes(1_000_000)).toHaveLength(20);
});

it('[NAT7] the fingerprint of heads is that of no others, in whatever order they come', () => {
  fc.assert(
    fc.property(fc.uniqueArray(hash, { minLength: 1, maxLength: 20, selector: String }), (heads) => {
      const all = headsFingerprint(heads);
      expect(all).toHaveLength(16);
      expect(headsFingerprint(heads.toReversed())).toEqual(all);
      expect(headsFingerprint(heads.slice(1))).not.toEqual(all);
    }),
  );
});
