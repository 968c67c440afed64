// The sync messages that y-websocket and Hocuspocus share.
import { type Decoder, readVarUint, readVarUint8Array } from 'lib0/decoding';
import { type Encoder, createEncoder, toUint8Array, writeVarUint, writeVarUint8Array } from 'lib0/encoding';
import type { Heard } from './dialect.ts';

const messageSync = 0;
const messageAwareness = 1;

/** What both dialects write before the body of a message: its type, and on Hocuspocus an address. */
export type WriteHead = (encoder: Encoder, type: number) => void;

const emptyStateVector = Uint8Array.of(0);
const emptyUpdate = Uint8Array.of(0, 0);

export function syncFrames(writeHead: WriteHead) {
  return {
    step1: () => sync(writeHead, 0, emptyStateVector),
    nothing: () => sync(writeHead, 1, emptyUpdate),
    update: (update: Uint8Array) => sync(writeHead, 2, update),
    awareness: (states: Uint8Array) =>
      frame((encoder) => {
        writeHead(encoder, messageAwareness);
        writeVarUint8Array(encoder, states);
      }),
  };
}

export function frame(write: (encoder: Encoder) => void): Uint8Array {
  const encoder = createEncoder();
  write(encoder);
  return toUint8Array(encoder);
}

/** Reads a message from its type on. */
export function readMessage(decoder: Decoder): Heard {
  if (readVarUint(decoder) !== messageSync) return { is: 'other' };
  const step = readVarUint(decoder);
  if (step === 0) return { is: 'step1' };
  return { is: step === 1 ? 'step2' : 'update', update: readVarUint8Array(decoder) };
}

function sync(writeHead: WriteHead, step: number, body: Uint8Array): Uint8Array {
  return frame((encoder) => {
    writeHead(encoder, messageSync);
    writeVarUint(encoder, step);
    writeVarUint8Array(encoder, body);
  });
}
