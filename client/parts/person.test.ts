import { describe, expect, it } from 'vitest';
import { initials, maxNameLength, personIn } from './person.ts';

const nobody = { name: 'Somebody', colour: '#6b7280' };
const named = (name: string) => ({ name, colour: '#6b7280' });

describe('[DEM7] of a presence state', () => {
  it.each<[string, unknown, unknown]>([
    [
      'a name and a colour',
      { user: { name: ' Heron ', color: '#12abEF' } },
      { name: 'Heron', colour: '#12abef' },
    ],
    ['a name that is too long', { user: { name: 'x'.repeat(1e6) } }, named('x'.repeat(maxNameLength))],
    ['a name of several lines', { user: { name: 'He\r\nron\u2028' } }, named('He ron')],
    ['a name that turns the writing round', { user: { name: '\u202enoreH' } }, named('noreH')],
    ['a name of nothing to see', { user: { name: '\u200b\n ' } }, nobody],
    ['a colour that is something else', { user: { name: 'Heron', color: 'url(//x)' } }, named('Heron')],
    ['other types', { user: { name: 7, color: {} } }, nobody],
    ['no user', {}, nobody],
    ['null', { user: null }, nobody],
    ['no object', 'presence', nobody],
  ])('with %s a person is taken', (_what, state, expected) => {
    expect(personIn(state)).toEqual(expected);
  });
});

it.each([
  ['Jolly Otter', 'JO'],
  ['heron', 'H'],
  ['Heron of the North', 'HN'],
  ['🦦 otter', '🦦O'],
  ['👩‍🚀 in space', '👩‍🚀S'],
  ['', ''],
])('the initials of %o are %o', (name, letters) => {
  expect(initials(name)).toBe(letters);
});
