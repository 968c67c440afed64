import { expect, it } from 'vitest';
import { LocalStoreError } from '../local/store.ts';
import { told } from './errors.ts';

it('[LOC11] no space, no more quota and a file that may not grow are full; nothing else is', () => {
  const code = (system: string): string =>
    told(Object.assign(new Error('said'), { code: system }), 'Doing').code;
  expect(['ENOSPC', 'EDQUOT', 'EFBIG', 'EIO', 'EACCES'].map(code)).toEqual([
    'full',
    'full',
    'full',
    'failed',
    'failed',
  ]);
  const held = new LocalStoreError('held', 'Held.');
  expect(told(held, 'Doing')).toBe(held);
});
