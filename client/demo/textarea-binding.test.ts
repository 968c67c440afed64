import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { difference, type Edit } from './textarea-binding.ts';

const apply = (text: string, { at, removed, inserted }: Edit) =>
  text.slice(0, at) + inserted + text.slice(at + removed);

// Few letters make runs, in which the place of an edit is ambiguous; the faces share a surrogate with one another.
const piece = fc.string({ unit: fc.constantFrom('a', 'b', '\n', '😀', '😁', '🤀') });

describe('difference', () => {
  it('is nothing between equal texts', () => {
    expect(difference('same', 'same', 4)).toBeUndefined();
  });

  it.each<[what: string, before: string, after: string, caret: number, edit: Edit]>([
    ['an insertion', 'ac', 'abc', 2, { at: 1, removed: 0, inserted: 'b' }],
    ['a deletion', 'abc', 'ac', 1, { at: 1, removed: 1, inserted: '' }],
    ['a replacement', 'one two three', 'one 2 three', 5, { at: 4, removed: 3, inserted: '2' }],
    ['the first text', '', 'ab', 2, { at: 0, removed: 0, inserted: 'ab' }],
    ['the removal of everything', 'ab', '', 0, { at: 0, removed: 2, inserted: '' }],
  ])('finds %s', (_what, before, after, caret, edit) => {
    expect(difference(before, after, caret)).toEqual(edit);
  });

  it.each([1, 2, 3, 4])(
    'puts a letter typed into a run of the same letter where the caret is: %i',
    (caret) => {
      expect(difference('aaa', 'aaaa', caret)).toEqual({ at: caret - 1, removed: 0, inserted: 'a' });
    },
  );

  it.each([0, 1, 2])('takes a letter out of a run of the same letter where the caret is: %i', (caret) => {
    expect(difference('aaa', 'aa', caret)).toEqual({ at: caret, removed: 1, inserted: '' });
  });

  it('replaces a surrogate pair whole when only one half differs', () => {
    expect(difference('x😀y', 'x😁y', 3)).toEqual({ at: 1, removed: 2, inserted: '😁' });
    expect(difference('x😀y', 'x🤀y', 3)).toEqual({ at: 1, removed: 2, inserted: '🤀' });
  });

  it('joins a pair that arrives in two halves', () => {
    expect(difference('\ud83d', '😀', 2)).toEqual({ at: 0, removed: 1, inserted: '😀' });
  });

  it('turns one text into the other, wherever the caret is said to be', () => {
    fc.assert(
      fc.property(piece, piece, fc.nat(40), (before, after, caret) => {
        const edit = difference(before, after, caret);
        expect(edit === undefined ? before : apply(before, edit)).toBe(after);
      }),
    );
  });

  it('never cuts a surrogate pair', () => {
    fc.assert(
      fc.property(piece, piece, fc.nat(40), (before, after, caret) => {
        const { at, removed, inserted } = difference(before, after, caret) ?? {
          at: 0,
          removed: 0,
          inserted: '',
        };
        const parts = [
          before.slice(0, at),
          before.slice(at, at + removed),
          before.slice(at + removed),
          inserted,
        ];
        expect(parts.filter((part) => !part.isWellFormed())).toEqual([]);
      }),
    );
  });

  it('is exactly what was done, when the caret stands behind the insertion', () => {
    fc.assert(
      fc.property(piece, piece, piece, (left, inserted, right) => {
        fc.pre(inserted !== '');
        const edit = difference(left + right, left + inserted + right, left.length + inserted.length);
        expect(edit).toEqual({ at: left.length, removed: 0, inserted });
      }),
    );
  });
});
