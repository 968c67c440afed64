import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { cursorField, cursorIn } from './cursor.ts';

function documentWith(content: string): Y.Text {
  const text = new Y.Doc().getText('content');
  text.insert(0, content);
  return text;
}

describe('a cursor', () => {
  it('stays with its characters while others write', () => {
    const text = documentWith('one two');
    const state = JSON.parse(
      JSON.stringify({ cursor: cursorField(text, { anchor: 4, head: 7 }) }),
    ) as unknown;
    text.insert(0, 'zero ');
    expect(cursorIn(state, text, text.length)).toEqual({ anchor: 9, head: 12 });
  });

  it.each<[string, unknown]>([
    ['nobody', undefined],
    ['no cursor', {}],
    ['null', { cursor: null }],
    ['numbers', { cursor: { anchor: 1, head: 2 } }],
    ['empty positions', { cursor: { anchor: {}, head: {} } }],
    [
      'items that are none',
      { cursor: { anchor: { item: 'x' }, head: { item: { client: 'a', clock: -1 } } } },
    ],
    [
      'items not there',
      { cursor: { anchor: { item: { client: 7, clock: 9 } }, head: { item: { client: 7, clock: 9 } } } },
    ],
    ['types that are none', { cursor: { anchor: { type: [] }, head: { type: { client: {}, clock: 'b' } } } }],
    ['another type', { cursor: { anchor: { tname: 'other' }, head: { tname: 'other' } } }],
    ['a strange name', { cursor: { anchor: { tname: {} }, head: { tname: {} } } }],
  ])('[DEM7] of %s is nowhere, and leaves the document as it was', (_what, state) => {
    const text = documentWith('one');
    expect(cursorIn(state, text, text.length)).toBeUndefined();
    expect([...text.doc!.share.keys()]).toEqual(['content']);
  });
});
