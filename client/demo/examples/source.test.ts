import { describe, expect, it } from 'vitest';
import { shownSource } from './source.ts';

describe('[EXA2] what is shown of a source file', () => {
  it('is what lies between the marks, without the marks and their indentation', () => {
    const file = [
      'function connect() {',
      '  // shown:',
      '  const provider = new Provider(',
      '    `${server}/yjs`, // <- changes',
      '    name,',
      '  );',
      '  // .',
      '  return provider;',
      '}',
    ].join('\n');
    expect(shownSource(file)).toEqual([
      { text: 'const provider = new Provider(', changes: false },
      { text: '  `${server}/yjs`,', changes: true },
      { text: '  name,', changes: false },
      { text: ');', changes: false },
    ]);
  });

  it.each([
    '// shown:\n  a,\n// .',
    'a, // <- changes',
    '// shown:\na, // <- changes',
    '// shown:\na, // <- changes\nb, // <- changes\n// .',
  ])('is not there without one of each mark: %j', (file) => {
    expect(() => shownSource(file)).toThrow('no marks');
  });
});
