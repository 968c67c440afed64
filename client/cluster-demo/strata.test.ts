import fc from 'fast-check';
import { expect, it } from 'vitest';
import { huesApart, shortDigest, strataOf } from './strata.ts';

const digest = fc
  .uint8Array({ minLength: 20, maxLength: 20 })
  .map((bytes) => Buffer.from(bytes).toString('hex'));
const apart = (a: number, b: number): number => 180 - Math.abs(180 - Math.abs(a - b));

it('[CLD3] layers fill the picture from its top, and no two that touch look the same', () => {
  fc.assert(
    fc.property(digest, (root) => {
      const { hue, layers } = strataOf(root);
      expect(hue).toBeGreaterThanOrEqual(0);
      expect(hue).toBeLessThan(360);
      expect(layers[0]!.top).toBe(0);
      for (const [index, { top, tone }] of layers.slice(1).entries()) {
        expect(top).toBeGreaterThan(layers[index]!.top);
        expect(tone).not.toBe(layers[index]!.tone);
      }
    }),
  );
});

it('[CLD3] digests that are seen at once have hues that can be told apart, and one that has not changed keeps its own', () => {
  fc.assert(
    fc.property(fc.uniqueArray(digest, { minLength: 4, maxLength: 4 }), ([one, two, three, next]) => {
      const roots = [one!, two!, three!];
      const first = huesApart(roots, new Map());
      const [a, b, c] = roots.map((root) => first.get(root)!) as [number, number, number];
      for (const degrees of [apart(a, b), apart(b, c), apart(c, a)])
        expect(degrees).toBeGreaterThanOrEqual(60);
      const second = huesApart([next!, two!, two!], first);
      expect(second.get(two!)).toBe(b);
      expect(apart(second.get(next!)!, b)).toBeGreaterThanOrEqual(60);
    }),
  );
});

it('a digest is shown by its beginning', () => {
  expect(shortDigest('0123456789abcdef')).toBe('0123 4567');
});
