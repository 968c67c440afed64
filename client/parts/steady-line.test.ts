import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SteadyLine } from './steady-line.ts';
import type { Line } from './status-line.ts';

const saving: Line = { is: 'saving', text: 'Saving' };
const saved: Line = { is: 'saved', text: 'Saved on disk' };
const offline = (count: number): Line => ({ is: 'offline', text: `Offline: ${count} changes kept here` });

describe('[DEM2] the status line', () => {
  let shown: string[];
  let announced: string[];
  let line: SteadyLine;

  beforeEach(() => {
    vi.useFakeTimers();
    [shown, announced] = [[], []];
    line = new SteadyLine({
      show: ({ text }) => shown.push(text),
      announce: (text) => announced.push(text),
    });
  });
  afterEach(() => {
    line.end();
    vi.useRealTimers();
  });

  it('stops saying saved at once, and says it again only when it has lasted', () => {
    line.take(saved);
    line.take(saving);
    expect(shown).toEqual(['Saved on disk', 'Saving']);
    line.take(saved);
    vi.advanceTimersByTime(299);
    expect(shown).toHaveLength(2);
    vi.advanceTimersByTime(1);
    expect(shown).toEqual(['Saved on disk', 'Saving', 'Saved on disk']);
  });

  it('keeps saying saving while somebody types, however fast each key is saved', () => {
    line.take(saved);
    for (let key = 0; key < 10; key++) {
      line.take(saving);
      vi.advanceTimersByTime(20);
      line.take(saved);
      vi.advanceTimersByTime(150);
    }
    expect(shown).toEqual(['Saved on disk', 'Saving']);
  });

  it('does not say saved after the connection was lost meanwhile', () => {
    line.take(saving);
    line.take(saved);
    line.take(offline(0));
    vi.advanceTimersByTime(10_000);
    expect(shown).toEqual(['Saving', 'Offline: 0 changes kept here']);
  });

  it('[DEM14] goes on counting what is on the device while one key more is written, unless that takes a while', () => {
    const kept = (count: number): Line => ({
      is: 'offline',
      text: `${count} on the device`,
      kept: 'on-device',
    });
    const soon = (count: number): Line => ({ is: 'offline', text: `${count} here`, kept: 'soon' });
    line.take(soon(1));
    for (let count = 1; count <= 3; count++) {
      line.take(kept(count));
      line.take(soon(count + 1));
      vi.advanceTimersByTime(20);
    }
    expect(shown).toEqual(['1 here', '1 on the device', '2 on the device', '3 on the device']);
    line.take(soon(5));
    vi.advanceTimersByTime(280);
    expect(shown.at(-1)).toBe('5 here');
  });

  it('is read out when it has come to rest', () => {
    for (let count = 1; count <= 12; count++) {
      line.take(offline(count));
      vi.advanceTimersByTime(100);
    }
    expect(announced).toEqual([]);
    vi.advanceTimersByTime(1_000);
    expect(announced).toEqual(['Offline: 12 changes kept here']);
  });
});
