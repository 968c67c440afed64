import { describe, expect, it } from 'vitest';
import type { ClusterStatus, LinkCount, LinkStatus } from '../replication/contract.ts';
import { agreement, describeStatus, describeVerification, isEqual } from './status.ts';
import { clockTime } from './table.ts';

const nowMs = new Date(2030, 0, 9, 12, 4, 31).getTime();
const [east, west, south] = ['e', 'a', 'b'].map((digit) => digit.repeat(32)) as [string, string, string];

const link: LinkStatus = {
  url: 'ws://10.0.0.2:7070/replicate',
  replica: west,
  name: 'west',
  state: 'live',
  reason: '',
  isConnected: true,
  reconnects: 0,
  roundTripMs: 1,
  sendBufferBytes: 0,
  ackedSequence: 7,
  pendingDocuments: 0,
  unconfirmedAgeMs: 0,
  verifiedAtMs: nowMs - 1_000,
  divergentDocuments: 0,
  stuckDocuments: [],
  counts: {} as Record<LinkCount, number>,
};

const status: ClusterStatus = {
  replica: east,
  name: 'east',
  cluster: 'default',
  epoch: '0123456789abcdef',
  durability: 'full',
  sequence: 7,
  root: '00',
  replicas: [
    { replica: east, name: 'east' },
    { replica: west, name: 'west' },
  ],
  links: [link],
  holdings: [{ holder: east, origin: west, epoch: 'ff', sequence: 7, ageMs: 400 }],
  verifiedAtMs: nowMs - 1_000,
  whyNotVerified: '',
  regressions: 0,
  duplicateIdentities: 0,
};

/** The lines that have a word in them, with their columns apart. */
function lines(text: string, word: string): string[][] {
  return text
    .split('\n')
    .filter((line) => line.includes(word))
    .map((line) => line.split(/ {2,}/));
}

describe('the status of a cluster', () => {
  it('[OPR9] tells which replica answers, and how each link is', () => {
    const broken: LinkStatus = {
      ...link,
      url: 'ws://10.0.0.3:7070/replicate',
      replica: undefined,
      name: undefined,
      state: 'backoff',
      reason: 'nothing listens at 10.0.0.3:7070',
      isConnected: false,
      pendingDocuments: 12,
      unconfirmedAgeMs: 180_000,
      verifiedAtMs: undefined,
    };
    const text = describeStatus({ ...status, links: [link, broken] }, nowMs);
    expect(lines(text, 'sequence')).toEqual([['sequence', '7']]);
    expect(lines(text, east)[0]).toEqual(['replica', `east ${east}`]);
    expect(lines(text, '10.0.0.2')).toEqual([
      [link.url, 'west aaaaaaaa', 'live', '0.0 s', '0', clockTime(nowMs - 1_000, nowMs)],
    ]);
    expect(lines(text, '10.0.0.3')).toEqual([
      [broken.url, '-', 'backoff', '3 min', '12', 'never', broken.reason],
    ]);
  });

  it('[OPR9] tells how old what each replica holds of each other is, as far as that is known', () => {
    const text = describeStatus(status, nowMs);
    expect(lines(text, 'HOLDS OF')).toEqual([['HOLDS OF', 'east eeeeeeee', 'west aaaaaaaa']]);
    const rows = text.split('\n').slice(text.split('\n').findIndex((line) => line.startsWith('HOLDS')) + 1);
    expect(rows.slice(0, 2).map((row) => row.split(/ {2,}/))).toEqual([
      ['east eeeeeeee', '-', '0.4 s'],
      ['west aaaaaaaa', 'unknown', '-'],
    ]);
  });

  it('[OPR9] says that all replicas are equal, and what keeps that from being said', () => {
    const three = { ...status, replicas: [...status.replicas, { replica: south, name: 'south' }] };
    expect(agreement(three, nowMs)).toBe('All 3 replicas verified equal as of 12:04:30.');
    const not = { ...three, verifiedAtMs: undefined, whyNotVerified: 'south was never reached' };
    expect(agreement(not, nowMs)).toBe(
      'It cannot be said that all replicas are equal: south was never reached.',
    );
    expect(agreement({ ...three, whyNotVerified: 'south is not connected' }, nowMs)).toBe(
      'All 3 replicas verified equal as of 12:04:30. It cannot be said of now: south is not connected.',
    );
    const alone = { ...status, replicas: status.replicas.slice(0, 1), links: [] };
    expect(agreement(alone, nowMs)).toBe('There is no other replica.');
    expect(describeStatus(alone, nowMs)).toMatch(/\n\nThere is no other replica\.\n$/);
    expect(agreement({ ...not, replicas: alone.replicas }, nowMs)).toMatch(/^It cannot be said/);
  });

  it('[OPR9] names the documents that cannot be taken in', () => {
    const stuckDocuments = [{ document: 'notes/42', code: 'update_too_large' }];
    const text = describeStatus({ ...status, links: [{ ...link, stuckDocuments }] }, nowMs);
    expect(text).toContain('\nnotes/42 of west aaaaaaaa cannot be taken in: update_too_large\n');
  });

  it('[OPR9] obeys nothing that another replica says of itself', () => {
    const name = 'we\u001b[2Jst';
    const hostile = {
      ...status,
      replicas: [status.replicas[0]!, { replica: west, name }],
      links: [
        { ...link, name, reason: '\u0007', stuckDocuments: [{ document: '\u001b', code: 'internal' }] },
      ],
      verifiedAtMs: undefined,
      whyNotVerified: '\u001b',
    };
    expect(describeStatus(hostile, nowMs).replaceAll('\n', '')).not.toMatch(/\p{C}/u);
  });
});

describe('a verification', () => {
  const equal = { replica: west, name: 'west', outcome: 'equal', documents: [] } as const;

  it('[OPR9] tells of each replica, and of the documents that differed', () => {
    expect(
      describeVerification({
        links: [equal, { replica: south, name: 'south', outcome: 'divergent', documents: ['a', 'b'] }],
      }),
    ).toBe('west aaaaaaaa: equal\nsouth bbbbbbbb: divergent: a, b\n');
    expect(describeVerification({ links: [] })).toBe('There is no other replica.\n');
  });

  it('[OPR9] is that all are equal if each was found so as it was', () => {
    expect(isEqual({ links: [] })).toBe(true);
    expect(isEqual({ links: [equal] })).toBe(true);
    for (const outcome of ['repaired', 'divergent', 'busy', 'unreachable'] as const)
      expect(isEqual({ links: [equal, { ...equal, outcome }] })).toBe(false);
  });
});
