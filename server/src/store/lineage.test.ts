import { expect, it } from 'vitest';
import { Lineage } from './lineage.ts';

const [first, second, third, foreign] = [1, 2, 3, 9].map((byte) => new Uint8Array(8).fill(byte)) as [
  Uint8Array,
  Uint8Array,
  Uint8Array,
  Uint8Array,
];
const lineage = new Lineage([
  { id: first, start: 0 },
  { id: second, start: 100 },
  { id: third, start: 150 },
]);

it('[JRN10] an epoch ends where the next one began', () => {
  expect(lineage.includes(first, 100, 200)).toBe(true);
  expect(lineage.includes(first, 101, 200)).toBe(false);
  expect(lineage.includes(second, 150, 200)).toBe(true);
  expect(lineage.includes(second, 151, 200)).toBe(false);
});

it('[JRN10] the current epoch ends at the head, and a foreign one is none', () => {
  expect(lineage.includes(third, 200, 200)).toBe(true);
  expect(lineage.includes(third, 201, 200)).toBe(false);
  expect(lineage.includes(foreign, 1, 200)).toBe(false);
});

it('[JRN10] an epoch of another length is none, and however long costs nothing', () => {
  expect(lineage.includes(third.subarray(0, 7), 1, 200)).toBe(false);
  expect(lineage.includes(new Uint8Array(0), 1, 200)).toBe(false);
  const began = performance.now();
  expect(lineage.includes(new Uint8Array(64 * 1024 * 1024), 1, 200)).toBe(false);
  expect(performance.now() - began).toBeLessThan(50);
});
