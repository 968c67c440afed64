import { checkUpdate } from '@syncline/server/engine/yjs/check.ts';
import { expect, it } from 'vitest';
import * as Y from 'yjs';

// A letter by a client of 56 bits, after one that nobody has. lib0 looks whether a number is safe before it reads the last
// of its bytes; yjs keeps the letter as pending in a form whose last byte holds less, and cannot read it again: no reader
// could send what it holds.
const update = Uint8Array.from([1, 1, ...tooLarge(), 0, 0x84, 5, 0, 1, 120, 0]);

it('[CHK1] [CHK2] a client id beyond the safe integers is refused, wherever it stands', () => {
  const reader = new Y.Doc();
  expect(() => {
    Y.applyUpdate(reader, update);
    Y.encodeStateAsUpdate(reader);
  }).toThrow('out of Range');
  const [asOrigin, asDeletion] = [
    [1, 1, 5, 0, 0x84, ...tooLarge(), 0, 1, 120, 0],
    [0, 1, ...tooLarge(), 1, 0, 1],
  ];
  for (const bytes of [update, Uint8Array.from(asOrigin), Uint8Array.from(asDeletion)]) {
    expect(() => checkUpdate(bytes)).toThrow(expect.objectContaining({ code: 'malformed_update' }));
  }
});

/** 2^55 + 2^54 + 2^53 as lib0 writes it: seven bits a byte, the lowest first. */
function tooLarge(): number[] {
  return [...Array<number>(7).fill(0x80), 0x70];
}
