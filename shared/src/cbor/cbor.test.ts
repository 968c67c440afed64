import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SyncError } from '../error.ts';
import { decodeCbor } from './value.ts';
import { encodeCbor } from './writer.ts';

describe('a value', () => {
  it('[SDK17] is read as it was written', () => {
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        fc.constantFrom(null, undefined, true, false),
        fc.double(),
        fc.maxSafeInteger(),
        fc.string({ unit: 'binary' }),
        fc.uint8Array({ maxLength: 400 }),
        fc.array(tie('value'), { maxLength: 40 }),
        fc.dictionary(fc.string(), tie('value'), { noNullPrototype: true }),
      ),
    }));
    fc.assert(
      fc.property(value, (each) => {
        expect(decodeCbor(encodeCbor(each))).toEqual(each);
      }),
    );
  });

  // From the examples of RFC 8949, but for maps, whose heads have three bytes as those of automerge-repo have.
  it.each<[value: unknown, hex: string]>([
    [0, '00'],
    [23, '17'],
    [24, '1818'],
    [1_000, '1903e8'],
    [1_000_000, '1a000f4240'],
    [-1, '20'],
    [-1_000, '3903e7'],
    [2 ** 32 - 1, '1affffffff'],
    [-(2 ** 32), '3affffffff'],
    [2 ** 32, 'fb41f0000000000000'],
    [1.1, 'fb3ff199999999999a'],
    [true, 'f5'],
    [null, 'f6'],
    [undefined, 'f7'],
    [Uint8Array.of(1, 2, 3, 4), '4401020304'],
    ['ü', '62c3bc'],
    [[1, [2, 3]], '8201820203'],
    [{ a: 1, b: [2, 3] }, 'b900026161016162820203'],
  ])('[SDK17] %j is %s', (value, hex) => {
    expect(toHex(encodeCbor(value))).toBe(hex);
    expect(decodeCbor(fromHex(hex))).toEqual(value);
  });

  it.each<[hex: string, value: unknown]>([
    ['f93c00', 1],
    ['f90001', 5.960464477539063e-8],
    ['f9fc00', -Infinity],
    ['fa47c35000', 100_000],
    ['c11a514b67b0', 1_363_896_240],
    ['a26161016162820203', { a: 1, b: [2, 3] }],
    ['bf61619f0102ffff', { a: [1, 2] }],
    ['c101', 1],
    ['a1016161', { '1': 'a' }],
    ['1b000000e8d4a51000', 1_000_000_000_000],
    ['1bffffffffffffffff', 2 ** 64],
    ['a1695f5f70726f746f5f5fa0', Object.fromEntries([['__proto__', {}]])],
  ])('[SDK17] of another writer, %s, is read', (hex, value) => {
    expect(decodeCbor(fromHex(hex))).toEqual(value);
  });

  it.each<[what: string, value: unknown]>([
    ['a function', () => {}],
    ['a bigint', 1n],
    ['a date', new Date()],
    ['a map', new Map()],
    ['deep inside something', [{ a: Symbol('a') }]],
  ])('[SDK17] that is %s is refused', (_, value) => {
    expect(() => encodeCbor(value)).toThrow(TypeError);
  });

  it('[SDK17] that contains itself is refused', () => {
    const circle: unknown[] = [];
    circle.push(circle);
    expect(() => encodeCbor(circle)).toThrow(TypeError);
  });
});

describe('bytes', () => {
  it.each([
    '',
    '5f42010243030405ff',
    '9f',
    'fc',
    'f8ff',
    '18',
    '62c3',
    '61ff',
    '0000',
    '9bffffffffffffffff',
    '81'.repeat(5_000),
  ])('[SDK17] that are no value are refused: %.20s', (hex) => {
    expect(() => decodeCbor(fromHex(hex))).toThrow(SyncError);
  });

  it('[SDK17] of any kind are a value or refused', () => {
    const errors: unknown[] = [];
    let read = 0;
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        try {
          decodeCbor(bytes);
          read++;
        } catch (error) {
          errors.push(error);
        }
      }),
      { numRuns: 5_000 },
    );
    expect(read).toBeGreaterThan(0);
    expect(errors.filter((error) => !(error instanceof SyncError))).toEqual([]);
  });
});

function fromHex(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex, 'hex'));
}

function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
