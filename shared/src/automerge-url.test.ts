import { expect, it } from 'vitest';
import { automergeUrlOf, bytesOfDocumentId, documentIdOf, documentIdOfBytes } from './automerge-url.ts';

// What automerge-repo 2.5.6 gives for these bytes (stringifyAutomergeUrl).
const vectors: [bytes: string, id: string][] = [
  ['00000000000000000000000000000000', '11111111111111114Ki9Gx'],
  ['000102030405060708090a0b0c0d0e0f', '1Bhh3pU9gLXZiNDL6PEa1Gs9fh'],
  ['ffffffffffffffffffffffffffffffff', '4ZrjxJnU1LA5xSyrWMNuXTozYEvA'],
  ['07', 'sUnHff'],
];

function fromHex(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
}

it.each(vectors)('[ARP9] the id of %s is %s', (hex, id) => {
  expect(documentIdOfBytes(fromHex(hex))).toBe(id);
  expect(bytesOfDocumentId(id)).toEqual(fromHex(hex));
  expect(documentIdOf(id)).toBe(id);
});

it('[ARP9] an id with a letter too few or another one is none, and neither is a path', () => {
  const [, id] = vectors[1]!;
  for (let at = 0; at < id.length; at++) {
    expect(bytesOfDocumentId(id.slice(0, at) + id.slice(at + 1))).toBeUndefined();
    const other = id[at] === 'a' ? 'b' : 'a';
    expect(bytesOfDocumentId(id.slice(0, at) + other + id.slice(at + 1))).toBeUndefined();
  }
  for (const name of ['', 'notes/today', '0OIl', '1'.repeat(10_000), '☃'])
    expect(bytesOfDocumentId(name)).toBeUndefined();
});

it('[ARP9] a name that is no id has the first half of its SHA-256 for one', () => {
  // sha256sum of "notes/today".
  expect(bytesOfDocumentId(documentIdOf('notes/today'))).toEqual(fromHex('e4ee2eed3fc85619bae6d291f27ff732'));
  expect(automergeUrlOf('notes/today')).toBe(`automerge:${documentIdOf('notes/today')}`);
});
