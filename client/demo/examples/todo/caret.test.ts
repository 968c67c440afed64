import { expect, it } from 'vitest';
import { caretAfter } from './caret.ts';

it.each([
  ['a change behind it', 'milk', 'milk and tea', 2, 2],
  ['a change before it', 'milk', 'buy milk', 2, 6],
  ['a change at it', 'milk', 'milk, tea', 4, 4],
  ['something taken away before it', 'buy milk', 'milk', 6, 2],
  ['something taken away around it', 'buy milk today', 'buy today', 6, 4],
  ['another letter of the same kind', 'aaa', 'aaaa', 3, 3],
  ['nothing left', 'milk', '', 3, 0],
])('[EXA5] the cursor stays where it was among the letters: %s', (_what, before, after, caret, expected) => {
  expect(caretAfter(before, after, caret)).toBe(expected);
});
