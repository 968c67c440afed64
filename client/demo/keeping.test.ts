import { describe, expect, it } from 'vitest';
import { LocalStoreError } from '../src/index.ts';
import { keepingNote, storeName } from './keeping.ts';

const at = 'ws://127.0.0.1:7070/sync';
const token = (claims: object): string => `x.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.y`;

describe('[DEM14] what is kept', () => {
  it('is apart for each person and each place', () => {
    const names = [
      storeName(at, undefined),
      storeName('ws://127.0.0.1:7070/pad/sync', undefined),
      storeName(at, token({ sub: 'anna' })),
      storeName(at, token({ sub: 'zoë' })),
      storeName(at, token({ grants: [{ documents: 'a', may: 'read' }] })),
      storeName(at, token({ grants: [{ documents: 'b', may: 'read' }] })),
    ];
    expect(new Set(names).size).toBe(names.length);
  });

  it('is the same with a newer token of the same person', () => {
    expect(storeName(at, token({ sub: 'zoë', exp: 1 }))).toBe(storeName(at, token({ sub: 'zoë', exp: 2 })));
  });

  it.each(['nonsense', 'a.b.c', 'a.bnVsbA.c', '', '..'])('has a name with the token %o as well', (text) => {
    expect(storeName(at, text)).toBe('syncline-demo /sync null');
  });

  it('is said to be nothing where the browser does not keep it, with the reason', () => {
    const error = new LocalStoreError('full', 'QuotaExceededError');
    const note = 'This browser does not keep what you type: it has no space left for it.';
    const failed = { state: 'failed', error } as const;
    expect(
      keepingNote({ durability: { ...failed, retryAtMs: 1 } }, { state: 'loading', isWritten: true }),
    ).toBe(note);
    expect(keepingNote({ durability: { state: 'kept' } }, failed)).toBe(note);
    expect(
      keepingNote({ durability: { state: 'evictable' } }, { state: 'kept', isWritten: true }),
    ).toBeUndefined();
    expect(keepingNote({ durability: { state: 'opening' } }, undefined)).toBeUndefined();
  });
});
