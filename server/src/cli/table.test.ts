import { describe, expect, it } from 'vitest';
import { clockTime, duration, plain, table } from './table.ts';

const second = 1_000;
const hour = 3_600 * second;
const day = 24 * hour;

describe('what a terminal shows', () => {
  it('[OPR9] has columns as wide as what is in them', () => {
    expect(
      table([
        ['a', 'bb', ''],
        ['ccc', '', 'd'],
      ]),
    ).toBe('a    bb\nccc      d');
  });

  it.each([
    [0, '0.0 s'],
    [449, '0.4 s'],
    [9_949, '9.9 s'],
    [10 * second, '10 s'],
    [119 * second, '119 s'],
    [120 * second, '2 min'],
    [119 * 60 * second, '119 min'],
    [2 * hour, '2 h'],
    [47 * hour, '47 h'],
    [2 * day, '2 days'],
    [800 * day, '800 days'],
  ])('[OPR9] calls %d ms %s', (milliseconds, text) => {
    expect(duration(milliseconds)).toBe(text);
  });

  it('[OPR9] tells a time, and the day if it is another', () => {
    const noon = new Date(2030, 0, 9, 12, 4, 31).getTime();
    expect(clockTime(noon, noon + hour)).toBe('12:04:31');
    expect(clockTime(noon, noon + day)).toBe('2030-01-09 12:04:31');
    expect(clockTime(noon, noon - day)).toBe('2030-01-09 12:04:31');
  });

  it('[OPR9] is nothing that a terminal obeys', () => {
    expect(plain('\u001b[2Jeast\r\n\u0007 ‮tsew é')).toBe('?[2Jeast??? ?tsew é');
  });
});
