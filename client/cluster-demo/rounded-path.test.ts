import { expect, it } from 'vitest';
import { roundedPath } from './rounded-path.ts';

it.each([
  [[], 'nothing', ''],
  [
    [
      [0, 0],
      [10, 0],
    ],
    'a straight line',
    'M0 0L10 0',
  ],
  [
    [
      [0, 0],
      [0, 100],
      [100, 100],
    ],
    'a corner',
    'M0 0L0 90Q0 100 10 100L100 100',
  ],
  [
    [
      [0, 0],
      [0, 8],
      [100, 8],
    ],
    'a corner with little room',
    'M0 0L0 4Q0 8 4 8L100 8',
  ],
] as [[number, number][], string, string][])('through %o goes %s', (points, _what, path) => {
  expect(
    roundedPath(
      points.map(([x, y]) => ({ x, y })),
      10,
    ),
  ).toBe(path);
});
