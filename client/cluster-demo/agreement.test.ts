import { describe, expect, it } from 'vitest';
import { groupsOf, isSame, partsOf } from './agreement.ts';
import type { LinkNow } from './snapshot.ts';

const replica = (place: string, root: string | undefined) => {
  const says = { sequence: 1, root, verifiedAtMs: undefined, whyNotVerified: '' };
  return { place, name: place, sync: '', says };
};

const link = (...ends: [string, string]): LinkNow => {
  const way = { from: ends[0], to: ends[1], pendingDocuments: 0, unconfirmedAgeMs: 0, received: 0 };
  const id = ends.join('-');
  return { id, ends, isCut: false, isConnected: true, state: 'live', roundTripMs: 1, ways: [way, way] };
};

describe('replicas', () => {
  it('with the same digest are one group, the largest first', () => {
    const replicas = [replica('a', '1'), replica('b', '2'), replica('c', '2'), replica('d', undefined)];
    expect(groupsOf(replicas)).toEqual([['b', 'c'], ['a']]);
    expect(isSame(replicas)).toBe(false);
  });

  it('are the same when all of them have said so', () => {
    expect(isSame([replica('a', '1'), replica('b', '1')])).toBe(true);
    expect(isSame([replica('a', '1'), replica('b', undefined)])).toBe(false);
  });

  it('that reach each other are one part, over however many links', () => {
    const replicas = ['a', 'b', 'c', 'd', 'e'].map((place) => replica(place, '1'));
    const links = [link('a', 'c'), link('d', 'b'), link('e', 'b')];
    expect(partsOf({ replicas, links }, () => true)).toEqual([
      ['b', 'd', 'e'],
      ['a', 'c'],
    ]);
    expect(partsOf({ replicas, links }, () => false)).toHaveLength(5);
  });
});
