import { describe, expect, it } from 'vitest';
import { detail, next, type Happening, type Status } from './status.ts';

const lost = { type: 'lost' } as const;
const edited = { type: 'edited' } as const;
const synced = { type: 'synced' } as const;
const refused = { type: 'refused', reason: 'no such grant' } as const;

const after = (...happenings: Happening[]) => happenings.reduce<Status>(next, { is: 'connecting', kept: 0 });

describe('the status line', () => {
  it('counts what is typed before the first exchange and while the connection is lost', () => {
    expect(after(edited)).toEqual({ is: 'connecting', kept: 1 });
    expect(after(edited, lost, edited)).toEqual({ is: 'offline', kept: 2 });
  });

  it('keeps nothing while connected', () => {
    expect(after(edited, synced, edited)).toEqual({ is: 'connected', kept: 0 });
  });

  it('stays offline through every attempt that fails', () => {
    expect(after(synced, lost, edited, lost, lost)).toEqual({ is: 'offline', kept: 1 });
  });

  it('stays refused when the connection closes behind the refusal', () => {
    expect(after(synced, refused, lost)).toEqual({ is: 'refused', kept: 0, reason: 'no such grant' });
  });

  it.each<[Status, string]>([
    [{ is: 'connected', kept: 0 }, ''],
    [{ is: 'offline', kept: 0 }, ': changes are kept in this window'],
    [{ is: 'offline', kept: 1 }, ': 1 change is kept in this window'],
    [{ is: 'offline', kept: 7 }, ': 7 changes are kept in this window'],
    [{ is: 'refused', kept: 0, reason: 'no such grant' }, ': no such grant'],
  ])('says of %o "%s"', (status, sentence) => {
    expect(detail(status)).toBe(sentence);
  });
});
