// Updates that no client would make, written struct by struct.
import { createEncoder, toUint8Array, writeUint8, writeVarString, writeVarUint } from 'lib0/encoding';
import * as Y from 'yjs';

type Id = readonly [client: number, clock: number];

/** A piece of text, placed between two others, or at the start of a root type. */
interface TextItem {
  readonly client: number;
  readonly text: string;
  readonly origin?: Id;
  readonly rightOrigin?: Id;
}

const textContent = 4;
const hasOrigin = 0x80;
const hasRightOrigin = 0x40;
const rootName = 1;

/** One item for each client, in the order given, each the first of its client. */
function encodeItems(items: readonly TextItem[]): Uint8Array {
  const encoder = createEncoder();
  const writeId = (id: Id | undefined): void => id?.forEach((number) => writeVarUint(encoder, number));
  writeVarUint(encoder, items.length);
  for (const { client, text, origin, rightOrigin } of items) {
    writeVarUint(encoder, 1);
    writeVarUint(encoder, client);
    writeVarUint(encoder, 0);
    writeUint8(encoder, textContent | (origin ? hasOrigin : 0) | (rightOrigin ? hasRightOrigin : 0));
    writeId(origin);
    writeId(rightOrigin);
    if (!origin && !rightOrigin) {
      writeVarUint(encoder, rootName);
      writeVarString(encoder, 'content');
    }
    writeVarString(encoder, text);
  }
  writeVarUint(encoder, 0);
  return toUint8Array(encoder);
}

/** An item that is its own left neighbour: once merged into a document it leaves every new reader with nothing. */
export function selfReferring(): Uint8Array {
  return encodeItems([{ client: 7, text: 'x', origin: [7, 0] }]);
}

/**
 * Items of as many clients with one left neighbour and each a right neighbour of its own: each is compared with all
 * before it when it is placed, which takes time as their square.
 */
export function sameOrigin(count: number): Uint8Array {
  const items: TextItem[] = [{ client: 1_000_000, text: 'x'.repeat(count + 1) }];
  for (let at = count; at > 0; at--) {
    items.push({ client: at, text: 'y', origin: [1_000_000, 0], rightOrigin: [1_000_000, at] });
  }
  return encodeItems(items);
}

/** Each name is a type in the memory of every reader, for good. */
export function rootNames(first: number, count: number): Uint8Array {
  const document = new Y.Doc();
  document.transact(() => {
    for (let name = first; name < first + count; name++) document.getMap(`root ${name}`).set('key', name);
  });
  return Y.encodeStateAsUpdate(document);
}

/** Arrays in arrays, written by hand: encoding them would overflow the stack here. */
export function nestedJson(depth: number): Uint8Array {
  const [anyContent, anyArray, anyNull] = [8, 117, 126];
  const encoder = createEncoder();
  for (const number of [1, 1, 7, 0]) writeVarUint(encoder, number);
  writeUint8(encoder, anyContent);
  writeVarUint(encoder, rootName);
  writeVarString(encoder, 'content');
  writeVarUint(encoder, 1);
  for (let level = 0; level < depth; level++) {
    writeUint8(encoder, anyArray);
    writeVarUint(encoder, 1);
  }
  writeUint8(encoder, anyNull);
  writeVarUint(encoder, 0);
  return toUint8Array(encoder);
}

/** Deletions of single clocks with holes between them, the last first. */
export function scatteredDeletions(count: number): Uint8Array {
  const encoder = createEncoder();
  for (const number of [0, 1, 7, count]) writeVarUint(encoder, number);
  for (let at = count; at > 0; at--) {
    writeVarUint(encoder, at * 2);
    writeVarUint(encoder, 1);
  }
  return toUint8Array(encoder);
}
