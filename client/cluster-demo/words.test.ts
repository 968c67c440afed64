import { describe, expect, it } from 'vitest';
import { ageText, lagText, listed, roundTripText } from './words.ts';

describe('the page says', () => {
  it.each([
    [0, '0.0 s'],
    [9_940, '9.9 s'],
    [9_960, '10.0 s'],
    [42_900, '42 s'],
    [72_000, '1 min 12 s'],
  ])('of %d ms %o', (ms, text) => {
    expect(ageText(ms)).toBe(text);
  });

  it.each([
    [undefined, ''],
    [0.42, '0.4 ms round trip'],
    [12.6, '13 ms round trip'],
  ])('of a round trip of %o ms %o', (ms, text) => {
    expect(roundTripText(ms)).toBe(text);
  });

  it.each([
    [0, 9_000, 'nothing waits'],
    [1, 100, 'nothing waits'],
    [1, 4_200, '1 document, 4.2 s'],
    [3, 61_000, '3 documents, 1 min 1 s'],
  ])('of %d documents since %d ms %o', (pendingDocuments, unconfirmedAgeMs, text) => {
    expect(lagText({ from: 'a', to: 'b', received: 0, pendingDocuments, unconfirmedAgeMs })).toBe(text);
  });

  it.each([
    [['Oslo'], 'Oslo'],
    [['Lisbon', 'Oslo', 'Nairobi'], 'Lisbon, Oslo and Nairobi'],
  ])('of %o %o', (names, text) => {
    expect(listed(names)).toBe(text);
  });
});
