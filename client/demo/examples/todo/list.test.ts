import { describe, expect, it } from 'vitest';
import { itemsIn } from './list.ts';

describe('[EXA7] of what a document holds', () => {
  it('items are shown, the oldest first, and those of one moment in the order of their ids', () => {
    const item = (text: string, addedAtMs: number) => ({ text, isDone: false, addedAtMs });
    const items = { c: item('third', 2), b: item('second', 1), a: item('first', 1) };
    expect(itemsIn({ items }).map(([id, { text }]) => [id, text])).toEqual([
      ['a', 'first'],
      ['b', 'second'],
      ['c', 'third'],
    ]);
  });

  it.each([
    undefined,
    { items: 7 },
    { items: null },
    { items: ['text'] },
    { items: { a: null } },
    { items: { a: { text: 1, isDone: false, addedAtMs: 1 } } },
    { items: { a: { text: 'a', isDone: 'no', addedAtMs: 1 } } },
    { items: { a: { text: 'a', isDone: false } } },
    { items: { a: { text: 'a', isDone: false, addedAtMs: Number.NaN } } },
  ])('%j has none', (document) => {
    expect(itemsIn(document)).toEqual([]);
  });
});
