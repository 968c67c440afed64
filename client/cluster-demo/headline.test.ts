import { describe, expect, it } from 'vitest';
import { headlineOf } from './headline.ts';
import type { LinkNow, ReplicaSays, Snapshot } from './snapshot.ts';
import { clockText } from './words.ts';

const nowMs = new Date(2030, 0, 9, 12, 4, 31).getTime();
const verified = { sequence: 7, root: 'aa', verifiedAtMs: nowMs - 3_000, whyNotVerified: '' };
const doubting = { ...verified, verifiedAtMs: undefined, whyNotVerified: 'Oslo last said otherwise' };
const names = ['Lisbon', 'Oslo', 'Nairobi'];
const at = names.map((name) => name.toLowerCase());

/** Link 0 is between the first and the second, 1 between the second and the third, 2 between the third and the first. */
function link(index: number, part: Partial<LinkNow> = {}): LinkNow {
  const ends = [at[index]!, at[(index + 1) % 3]!] as const;
  const way = { from: ends[0], to: ends[1], pendingDocuments: 0, unconfirmedAgeMs: 0, received: 0 };
  const here = { id: ends.join('-'), ends, roundTripMs: 1, ways: [way, way] as const };
  return { ...here, isCut: false, isConnected: true, state: 'live', ...part };
}

const cut = { isCut: true, isConnected: false };

interface Given {
  readonly says?: readonly (ReplicaSays | undefined)[];
  readonly links?: readonly LinkNow[];
}

function snapshot({
  says = [verified, verified, verified],
  links = [0, 1, 2].map((index) => link(index)),
}: Given): Snapshot {
  const replicas = names.map((name, index) => ({ place: at[index]!, name, sync: '', says: says[index] }));
  return { replicas, links };
}

const headline = (given: Given, apartMs?: number) =>
  headlineOf(snapshot(given), { verifiedMs: nowMs - 3_000, apartMs }, nowMs);
const different = { ...verified, root: 'bb' };

describe('[CLD2] the sentence', () => {
  it('says equal when all replicas said so, as of the earliest that they said', () => {
    const earlier = { ...verified, verifiedAtMs: nowMs - 5_000 };
    expect(headline({ says: [verified, earlier, verified] })).toMatchObject({
      mood: 'equal',
      text: `All 3 replicas verified equal as of ${clockText(nowMs - 5_000)}`,
    });
  });

  it('does not say it for one that cannot, and gives that one’s reason', () => {
    const { mood, text, why } = headline({ says: [verified, verified, { ...doubting, root: 'bb' }] });
    expect([mood, text]).toEqual(['settling', 'Changes are on their way']);
    expect(why).toContain('Nairobi: Oslo last said otherwise.');
    expect(why).toContain(`as of ${clockText(nowMs - 3_000)}`);
  });

  it('does not say it of long ago', () => {
    const old = { ...verified, verifiedAtMs: nowMs - 20_000 };
    expect(headline({ says: [old, old, old] })).toMatchObject({
      mood: 'settling',
      text: 'The digests agree',
    });
  });

  it('does not say it of before they were apart', () => {
    expect(headline({}, nowMs - 2_000)).toMatchObject({ mood: 'settling', text: 'The digests agree' });
    expect(headline({}, nowMs - 4_000).mood).toBe('equal');
  });

  it('bears with a letter on its way, and not with more', () => {
    const says = [verified, different, verified];
    const owing = (unconfirmedAgeMs: number) => {
      const [there, back] = link(0).ways;
      const ways = [{ ...there, pendingDocuments: 1, unconfirmedAgeMs }, back] as const;
      return [link(0, { ways }), link(1), link(2)];
    };
    expect(headline({ says, links: owing(40) }).mood).toBe('equal');
    expect(headline({ says, links: owing(1_500) }).mood).toBe('settling');
  });

  it('tells of a way round where one link is cut', () => {
    const { mood, why } = headline({ links: [link(0, cut), link(1), link(2)] });
    expect(mood).toBe('equal');
    expect(why).toBe('Lisbon and Oslo have no link: what is typed in one reaches the other through Nairobi.');
  });

  it('names who is cut off, whether or not it differs already', () => {
    const links = [link(0, cut), link(1, cut), link(2)];
    expect(headline({ links })).toMatchObject({ mood: 'apart', text: 'Oslo is cut off' });
    expect(headline({ links, says: [verified, different, verified] })).toMatchObject({
      mood: 'apart',
      text: 'Oslo is cut off, and the replicas differ',
    });
    expect(headline({ links: [0, 1, 2].map((index) => link(index, cut)) }).text).toBe(
      'All replicas are cut off',
    );
  });

  it('says that they dial until they have found each other', () => {
    const links = [link(0, { isConnected: false }), link(1, { isConnected: false }), link(2)];
    expect(headline({ links, says: [doubting, different, doubting] }).text).toBe('The way is free again');
  });

  it('names who does not answer', () => {
    expect(headline({ says: [verified, undefined, verified] })).toMatchObject({
      mood: 'unknown',
      text: 'Oslo does not answer',
    });
  });
});
