import { describe, expect, it } from 'vitest';
import { forgotten, maxVisits, type Visit, visited, visitsIn } from './visits.ts';

const names = (visits: readonly Visit[]) => visits.map(({ name }) => name);
const after = (...visits: string[]) =>
  visits.reduce<Visit[]>((list, name, atMs) => visited(list, { name, atMs }), []);

describe('[DEM4] the documents visited', () => {
  it('are listed once each, newest first', () => {
    expect(names(after('a', 'b', 'c', 'a'))).toEqual(['a', 'c', 'b']);
  });

  it('can be taken off the list', () => {
    expect(names(forgotten(after('a', 'b', 'c'), 'b'))).toEqual(['c', 'a']);
  });

  it('are bounded in number', () => {
    const many = Array.from({ length: maxVisits + 3 }, (_, index) => `d${index}`);
    expect(names(after(...many))).toEqual(many.toReversed().slice(0, maxVisits));
  });

  it('are read back as they were stored', () => {
    expect(visitsIn(JSON.stringify(after('a', 'b')))).toEqual(after('a', 'b'));
  });

  it.each([null, '', 'nonsense', '{}', 'null', '[null, 7, {"name": "a"}, {"name": "", "atMs": 1}]'])(
    'are none in %o',
    (text) => {
      expect(visitsIn(text)).toEqual([]);
    },
  );
});
