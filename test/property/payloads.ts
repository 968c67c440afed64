// Updates that are well-formed and small for what they make of a reader's stack and memory.
import {
  createEncoder,
  type Encoder,
  toUint8Array,
  writeUint8,
  writeVarString,
  writeVarUint,
} from 'lib0/encoding';

const garbage = 0;
const type = 7;
const any = 8;
const arrayType = 0;
const anyObject = 118;
const author = 7;

/** Arrays in an array in an array: deleting the outermost deletes all, one call within the other. */
export function nestedArrays(depth: number): Uint8Array {
  return encode(depth, (encoder, clock) => {
    writeUint8(encoder, type);
    writeVarUint(encoder, clock === 0 ? 1 : 0);
    if (clock === 0) writeVarString(encoder, 'nested');
    else for (const number of [author, clock - 1]) writeVarUint(encoder, number);
    writeVarUint(encoder, arrayType);
  });
}

/** Deletes what `nestedArrays` put first. */
export function deleteOutermost(): Uint8Array {
  return Uint8Array.of(0, 1, author, 1, 0, 1);
}

/** Two bytes each, and a struct with an id in memory. */
export function singleClocks(bytes: number): Uint8Array {
  return encode(bytes / 2, (encoder) => {
    writeUint8(encoder, garbage);
    writeVarUint(encoder, 1);
  });
}

/** One value of as many objects, each of two bytes. */
export function emptyObjects(bytes: number): Uint8Array {
  return encode(1, (encoder) => {
    writeUint8(encoder, any);
    writeVarUint(encoder, 1);
    writeVarString(encoder, 'objects');
    writeVarUint(encoder, bytes / 2);
    for (let written = 0; written < bytes; written += 2) {
      writeUint8(encoder, anyObject);
      writeVarUint(encoder, 0);
    }
  });
}

/** Structs of one client from clock 0 on. */
function encode(structs: number, write: (encoder: Encoder, index: number) => void): Uint8Array {
  const encoder = createEncoder();
  for (const number of [1, structs, author, 0]) writeVarUint(encoder, number);
  for (let index = 0; index < structs; index++) write(encoder, index);
  writeVarUint(encoder, 0);
  return toUint8Array(encoder);
}
