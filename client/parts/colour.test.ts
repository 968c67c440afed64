import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { colourApart, contrast, inkOn, palette } from './colour.ts';

describe('contrast', () => {
  // The values that the specification's formula gives for pairs that everybody knows.
  it.each([
    ['#000000', '#ffffff', 21],
    ['#ffffff', '#ffffff', 1],
    ['#767676', '#ffffff', 4.54],
    ['#ff0000', '#ffffff', 4],
  ])('of %s and %s is %d', (a, b, ratio) => {
    expect(contrast(a, b)).toBeCloseTo(ratio, 1);
    expect(contrast(b, a)).toBe(contrast(a, b));
  });
});

describe('[DEM6] the name on a cursor has a contrast of at least 4.5', () => {
  it.each(palette)('on %s', (colour) => {
    expect(contrast(inkOn(colour), colour)).toBeGreaterThanOrEqual(4.5);
  });

  it('on any colour that another app may have chosen', () => {
    const channel = fc.integer({ min: 0, max: 255 });
    fc.assert(
      fc.property(channel, channel, channel, (...channels) => {
        const colour = `#${channels.map((each) => each.toString(16).padStart(2, '0')).join('')}`;
        expect(contrast(inkOn(colour), colour)).toBeGreaterThanOrEqual(4.5);
      }),
    );
  });
});

describe('two people with the same colour', () => {
  const [first, second] = palette;

  it('become people with two', () => {
    expect(colourApart(first, [first], [first])).toBe(second);
    expect(colourApart(first, [], [first])).toBe(first);
  });

  it('stay as they are when every colour is taken', () => {
    expect(colourApart(first, [first], palette)).toBe(first);
  });
});
