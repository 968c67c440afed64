import { expect, it } from 'vitest';
import { person } from './people.ts';

const nobody = { name: 'Somebody', color: '#888888' };

it.each([
  ['a name and a colour', { user: { name: ' Ada ', color: '#12abEF' } }, { name: 'Ada', color: '#12abEF' }],
  ['a name that is too long', { user: { name: 'x'.repeat(90) } }, { name: 'x'.repeat(40), color: '#888888' }],
  [
    'a colour that is something else',
    { user: { name: 'Ada', color: 'url(//x)' } },
    { name: 'Ada', color: '#888888' },
  ],
  ['other types', { user: { name: 7, color: {} } }, nobody],
  ['no user', {}, nobody],
  ['null', { user: null }, nobody],
  ['no object', 'presence', nobody],
])('a presence state with %s is taken as a person', (_what, state, expected) => {
  expect(person(state)).toEqual(expected);
});
