import { describe, expect, it } from 'vitest';
import { mayWrite } from './grants.ts';

function tokenOf(claims: unknown): string {
  return `head.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.signature`;
}

describe('[EXA3] a token', () => {
  it.each([
    ['lets write what it grants', [{ documents: 'größe/*', may: 'write' }], true],
    ['lets read what it grants no more of', [{ documents: '**', may: 'read' }], false],
    ['lets nothing else be written', [{ documents: 'other/**', may: 'write' }], false],
    ['lets do nothing with no grants', [], false],
    ['is not read beyond what is a grant', [null, 7, { may: 'write' }], false],
  ])('%s', (_what, grants, expected) => {
    expect(mayWrite(tokenOf({ grants }), 'größe/one')).toBe(expected);
  });

  it.each([undefined, '', 'no token', 'a.!.b', tokenOf({}), tokenOf(null)])(
    'that says nothing leaves it to the server: %j',
    (token) => {
      expect(mayWrite(token, 'notes')).toBe(true);
    },
  );
});
