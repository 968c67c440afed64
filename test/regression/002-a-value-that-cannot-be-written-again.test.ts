import { checkUpdate } from '@syncline/server/engine/yjs/check.ts';
import { expect, it } from 'vitest';
import * as Y from 'yjs';

// Each can be applied, and no document that has taken it in can be encoded: its readers could not save it, send it or
// answer anybody, and it could not be compacted.
const poisonous: [what: string, update: Uint8Array][] = [
  ['an object with bytes for its prototype', inArray([8, 1, 118, 1, 9, ...text('__proto__'), 116, 1, 0])],
  ['a subdocument whose options take its guid away', inArray([9, 1, 97, 118, 1, 4, ...text('guid'), 126])],
];

it.each(poisonous)('[CHK1] [CHK2] %s is refused', (_, update) => {
  const reader = new Y.Doc();
  Y.applyUpdate(reader, update);
  expect(() => Y.encodeStateAsUpdate(reader)).toThrow(TypeError);
  expect(() => checkUpdate(update)).toThrow(expect.objectContaining({ code: 'malformed_update' }));
});

/** The first item of the root type `r`; `content` begins with its kind. */
function inArray([kind, ...content]: number[]): Uint8Array {
  return Uint8Array.from([1, 1, 1, 0, kind!, 1, 1, ...text('r'), ...content, 0]);
}

function text(ascii: string): Uint8Array {
  return Buffer.from(ascii);
}
