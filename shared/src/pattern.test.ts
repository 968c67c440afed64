import { describe, expect, it } from 'vitest';
import { matchesPattern } from './pattern.ts';

describe('a pattern of document names', () => {
  it.each([
    ['notes/42', 'notes/42', true],
    ['notes/42', 'notes/4', false],
    ['notes/42', 'notes/421', false],
    ['notes/*', 'notes/42', true],
    ['notes/*', 'notes/', true],
    ['notes/*', 'notes/42/comments', false],
    ['notes/*', 'notes', false],
    ['*/42', 'notes/42', true],
    ['notes/*/comments', 'notes/42/comments', true],
    ['notes/*/comments', 'notes/4/2/comments', false],
    ['notes/**', 'notes/42/comments', true],
    ['**', 'anything/at all', true],
    ['*', 'anything/at all', false],
    ['*', 'anything at all', true],
    ['', 'notes', false],
    ['a*b*c', 'a1b2b3c', true],
    ['a*b*c', 'a1b2b3', false],
    ['notes.42', 'notes/42', false],
    ['[a-z]+', 'notes', false],
  ])('[ACC2] %s and %s: %s', (pattern, name, isMatch) => {
    expect(matchesPattern(pattern, name)).toBe(isMatch);
  });

  it('[ACC2] of many stars takes no longer than the name is long', () => {
    expect(matchesPattern('a*'.repeat(200) + 'b', 'a'.repeat(512))).toBe(false);
    expect(matchesPattern('**a'.repeat(200) + 'b', 'a'.repeat(512))).toBe(false);
  });
});
