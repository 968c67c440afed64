import { EditorState, Text } from '@codemirror/state';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { plainText, showEmbedded, visibleText, wholeCharacters } from './plain-text.ts';

describe('[DEM8] what another app has put into the text', () => {
  it('is one unit for each that the text counts, whatever it is', () => {
    const text = new Y.Doc().getText('content');
    text.insert(0, 'a\r\nb');
    text.insertEmbed(1, { image: 'x.png' });
    text.format(0, 2, { bold: true });
    expect(visibleText(text)).toBe('a\ufffc\r\nb');
    expect(visibleText(text)).toHaveLength(text.length);
  });

  it('comes to whoever observes the text after it as text', () => {
    const text = new Y.Doc().getText('content');
    const seen: unknown[] = [];
    showEmbedded(text);
    text.observe(({ delta }) => seen.push(...delta));
    text.insertEmbed(0, { image: 'x.png' });
    expect(seen).toEqual([{ insert: '\ufffc' }]);
  });

  it('keeps its line ends, so that every position is that of the text', () => {
    const state = EditorState.create({ doc: 'a\r\nb\nc', extensions: plainText });
    expect(state.doc.length).toBe(6);
    expect(state.doc.lines).toBe(3);
  });
});

describe('[DEM8] a change', () => {
  const piece = fc.string({ unit: fc.constantFrom('a', '\n', '😀', '😁', '🤀'), maxLength: 6 });

  it('never cuts a surrogate pair, and leaves the same text', () => {
    fc.assert(
      fc.property(piece, piece, fc.nat(12), fc.nat(12), (before, insert, a, b) => {
        const doc = Text.of(before.split('\n'));
        const [from, to] = [Math.min(a, b, doc.length), Math.min(Math.max(a, b), doc.length)];
        const whole = wholeCharacters(doc, { from, to, insert });
        expect(before.slice(0, whole.from).isWellFormed()).toBe(true);
        expect(before.slice(whole.to).isWellFormed()).toBe(true);
        expect(before.slice(0, whole.from) + whole.insert + before.slice(whole.to)).toBe(
          before.slice(0, from) + insert + before.slice(to),
        );
      }),
    );
  });

  it('of one half of a pair goes through the editor as one of both', () => {
    const state = EditorState.create({ doc: 'x😀y', extensions: plainText });
    const transaction = state.update({ changes: { from: 2, to: 3, insert: '😁'.charAt(1) } });
    expect(transaction.newDoc.toString()).toBe('x😁y');
    const ranges: number[][] = [];
    transaction.changes.iterChangedRanges((from, to) => ranges.push([from, to]));
    expect(ranges).toEqual([[1, 3]]);
  });
});
