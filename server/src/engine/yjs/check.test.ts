import {
  createEncoder,
  type Encoder,
  toUint8Array,
  writeAny,
  writeUint8,
  writeVarString,
  writeVarUint,
} from 'lib0/encoding';
import { expect, it } from 'vitest';
import * as Y from 'yjs';
import { checkUpdate, maxClock, maxJsonDepth, maxRanges, maxRootNameLength, maxRootNames } from './check.ts';

// The first byte of a struct: its content in the low five bits, then which of parentSub, rightOrigin and origin follow.
const gc = 0;
const json = 2;
const string = 4;
const any = 8;
const subdocument = 9;
const skip = 10;
const hasRight = 0x40;
const hasOrigin = 0x80;

type Write = (encoder: Encoder) => void;
type Id = [client: number, clock: number];

it('[CHK2] gives what an update holds, declares deleted and refers to', () => {
  const update = encode(
    [
      section(7, 3, [item(string, { origin: [7, 2] }, text('abc')), hole(4), garbage(2)]),
      section(5, 0, [
        item(string, { origin: [7, 8], right: [9, 1] }, text('x')),
        item(string, {}, text('y')),
      ]),
    ],
    [deletions(7, [[9, 2], [1, 3], [3, 2]])], // prettier-ignore
  );
  expect(checkUpdate(update)).toEqual({
    held: [7, 3, 6, 7, 10, 12, 5, 0, 2],
    deleted: [7, 1, 5, 7, 9, 11],
    refersTo: [7, 8, 9, 1],
  });
});

const first = item(string, {}, text('a'));
const hostile: [why: string, update: Uint8Array][] = [
  ['an item that is its own origin', encode([section(1, 0, [item(string, { origin: [1, 0] }, text('a'))])])],
  [
    'an item that is its own right origin',
    encode([section(1, 0, [item(string, { right: [1, 0] }, text('a'))])]),
  ],
  ['an item that is its own parent', encode([section(1, 0, [item(string, { parent: [1, 0] }, text('a'))])])],
  ['an origin within the item', encode([section(1, 0, [item(string, { origin: [1, 1] }, text('abc'))])])],
  [
    'a later origin of the same client',
    encode([section(1, 0, [item(string, { origin: [1, 1] }, text('a')), first])]),
  ],
  ['a client with two sections', encode([section(1, 0, [first]), section(1, 1, [first])])],
  ['a string without length', encode([section(1, 0, [item(string, {}, text(''))])])],
  ['no JSON values', encode([section(1, 0, [item(json, {}, (encoder) => writeVarUint(encoder, 0))])])],
  ['garbage without length', encode([section(1, 0, [garbage(0)])])],
  ['a hole without length', encode([section(1, 0, [hole(0), first])])],
  ['a deletion without length', encode([], [deletions(1, [[4, 0]])])],
  ['a struct past the last clock', encode([section(1, maxClock - 1, [first])])],
  ['a hole past the last clock', encode([section(1, 0, [hole(maxClock), first])])],
  ['a deletion past the last clock', encode([], [deletions(1, [[maxClock - 4, 4]])])],
  [
    'a reference past the last clock',
    encode([section(1, 0, [item(string, { origin: [2, maxClock] }, text('a'))])]),
  ],
  ['bytes after the end', Buffer.concat([encode([section(1, 0, [first])]), Uint8Array.of(0)])],
  ['an unknown content', encode([section(1, 0, [item(11, {}, () => {})])])],
  ['text that is not UTF-8', encode([section(1, 0, [item(string, {}, raw(1, 0xff))])])],
  ['JSON that is not', encode([section(1, 0, [item(json, {}, values(text('{')))])])],
  ['a subdocument without a guid', encode([section(1, 0, [item(subdocument, {}, options({ guid: null }))])])],
  ['a subdocument with a filter', encode([section(1, 0, [item(subdocument, {}, options({ gcFilter: 1 }))])])],
  [
    'an object that has bytes for its prototype',
    encode([section(1, 0, [item(any, {}, values(raw(118, 1, 9, ...Buffer.from('__proto__'), 116, 1, 0)))])]),
  ],
];

it.each(hostile)('[CHK2] refuses %s', (_, update) => {
  expect(() => checkUpdate(update)).toThrow(expect.objectContaining({ code: 'malformed_update' }));
});

it('[CHK2] allows the last clock', () => {
  expect(checkUpdate(encode([section(1, maxClock - 2, [first])])).held).toEqual([
    1,
    maxClock - 2,
    maxClock - 1,
  ]);
});

it('[CHK2] refuses an update that was cut, wherever', () => {
  const document = new Y.Doc();
  document.getText('text').insert(0, 'bold', { bold: true });
  document.getMap('map').set('key', { nested: [1, 'two', new Uint8Array(3)] });
  document.getXmlFragment('xml').insert(0, [new Y.XmlElement('p'), new Y.XmlText('text')]);
  document.getArray('array').insert(0, [new Y.Doc({ guid: 'sub' }), 1, null]);
  document.getText('text').delete(1, 2);
  const update = Y.encodeStateAsUpdate(document);
  expect(checkUpdate(update).deleted).toHaveLength(3);
  for (let length = 0; length < update.length; length++) {
    expect(() => checkUpdate(update.subarray(0, length)), `${length} bytes`).toThrow(
      expect.objectContaining({ code: 'malformed_update' }),
    );
  }
});

const nested = (depth: number): unknown => (depth === 1 ? [] : [nested(depth - 1)]);
const carriers: [content: string, carry: (value: unknown) => Uint8Array][] = [
  [
    'any value',
    (value) =>
      encode([
        section(1, 0, [
          item(
            any,
            {},
            values((encoder) => writeAny(encoder, value as [])),
          ),
        ]),
      ]),
  ],
  ['JSON', (value) => encode([section(1, 0, [item(json, {}, values(text(JSON.stringify(value))))])])],
  ['an embed', (value) => edited((document) => document.getText().insertEmbed(0, value as object))],
  ['a format', (value) => edited((document) => document.getText().insert(0, 'a', { key: value }))],
  // Its options, which hold the value, are one level more.
  [
    'a subdocument',
    (value) => encode([section(1, 0, [item(subdocument, {}, options({ meta: (value as [[]])[0] }))])]),
  ],
];

it.each(carriers)('[CHK2] allows %s of the greatest depth and refuses one deeper', (_, carry) => {
  expect(checkUpdate(carry(nested(maxJsonDepth))).held).not.toEqual([]);
  expect(() => checkUpdate(carry(nested(maxJsonDepth + 1)))).toThrow(/deeper than 256/);
});

it('[CHK2] allows so many root names, of such a length, and not one more', () => {
  const naming = (names: readonly string[]): Uint8Array =>
    encode([section(1, 0, names.map((root) => item(string, { root }, text('a'))))]); // prettier-ignore
  const names = Array.from({ length: maxRootNames }, (_, index) => `name ${index}`);
  expect(checkUpdate(naming([...names, 'name 1'])).held).toEqual([1, 0, maxRootNames + 1]);
  expect(() => checkUpdate(naming([...names, 'one more']))).toThrow(/more than 1000 root types/);
  expect(checkUpdate(naming(['n'.repeat(maxRootNameLength)])).held).toEqual([1, 0, 1]);
  expect(() => checkUpdate(naming(['n'.repeat(maxRootNameLength + 1)]))).toThrow(/longer than 1024/);
});

it('[CHK3] calls an update of nothing but holes too costly', () => {
  const holes = (count: number): Uint8Array =>
    encode(
      [],
      [
        deletions(
          1,
          Array.from({ length: count }, (_, index) => [index * 2, 1]),
        ),
      ],
    );
  expect(checkUpdate(holes(maxRanges)).deleted).toHaveLength(maxRanges * 3);
  expect(() => checkUpdate(holes(maxRanges + 1))).toThrow(
    expect.objectContaining({ code: 'update_too_costly' }),
  );
});

function edited(edit: (document: Y.Doc) => void): Uint8Array {
  const document = new Y.Doc();
  edit(document);
  return Y.encodeStateAsUpdate(document);
}

function encode(sections: readonly Write[], deleted: readonly Write[] = []): Uint8Array {
  const encoder = createEncoder();
  for (const part of [sections, deleted]) {
    writeVarUint(encoder, part.length);
    for (const write of part) write(encoder);
  }
  return toUint8Array(encoder);
}

function section(client: number, clock: number, structs: readonly Write[]): Write {
  return (encoder) => {
    writeVarUint(encoder, structs.length);
    writeVarUint(encoder, client);
    writeVarUint(encoder, clock);
    for (const write of structs) write(encoder);
  };
}

interface Place {
  readonly origin?: Id;
  readonly right?: Id;
  readonly parent?: Id;
  readonly root?: string;
}

function item(content: number, { origin, right, parent, root = 'root' }: Place, write: Write): Write {
  return (encoder) => {
    writeUint8(encoder, content | (origin ? hasOrigin : 0) | (right ? hasRight : 0));
    for (const id of [origin, right]) if (id) writeId(encoder, id);
    if (!origin && !right) {
      writeVarUint(encoder, parent ? 0 : 1);
      if (parent) writeId(encoder, parent);
      else writeVarString(encoder, root);
    }
    write(encoder);
  };
}

function garbage(length: number): Write {
  return raw(gc, length);
}

function hole(length: number): Write {
  return (encoder) => {
    writeUint8(encoder, skip);
    writeVarUint(encoder, length);
  };
}

function deletions(client: number, ranges: readonly (readonly [clock: number, length: number])[]): Write {
  return (encoder) => {
    writeVarUint(encoder, client);
    writeVarUint(encoder, ranges.length);
    for (const range of ranges) for (const number of range) writeVarUint(encoder, number);
  };
}

function text(content: string): Write {
  return (encoder) => writeVarString(encoder, content);
}

/** One value of a content that counts its values. */
function values(write: Write): Write {
  return (encoder) => {
    writeVarUint(encoder, 1);
    write(encoder);
  };
}

function options(given: Record<string, unknown>): Write {
  return (encoder) => {
    writeVarString(encoder, 'guid');
    writeAny(encoder, given as Record<string, string>);
  };
}

function raw(...bytes: number[]): Write {
  return (encoder) => {
    for (const byte of bytes) writeUint8(encoder, byte);
  };
}

function writeId(encoder: Encoder, [client, clock]: Id): void {
  writeVarUint(encoder, client);
  writeVarUint(encoder, clock);
}
