// The sync messages that y-websocket and Hocuspocus share.
import type { PresenceEntry } from '@syncline/shared';
import { type Decoder, readVarUint, readVarUint8Array } from 'lib0/decoding';
import { type Encoder, createEncoder, toUint8Array, writeVarUint, writeVarUint8Array } from 'lib0/encoding';
import type { Heard } from './dialect.ts';

const messageSync = 0;
const messageAwareness = 1;

/** What both dialects write before the body of a message: its type, and on Hocuspocus an address. */
export type WriteHead = (encoder: Encoder, type: number) => void;

const emptyStateVector = Uint8Array.of(0);
const emptyUpdate = Uint8Array.of(0, 0);
const left = new TextEncoder().encode('null');

export function syncFrames(writeHead: WriteHead) {
  const nothing = sync(writeHead, 1, emptyUpdate);
  return {
    step1: () => sync(writeHead, 0, emptyStateVector),
    updates: (updates: readonly Uint8Array[]) => updates.map((update) => sync(writeHead, 2, update)),
    presence: (entry: PresenceEntry) =>
      frame((encoder) => {
        writeHead(encoder, messageAwareness);
        writeVarUint8Array(encoder, awareness(entry));
      }),
    /** Reads a message from its type on. */
    read: (decoder: Decoder): Heard => {
      if (readVarUint(decoder) !== messageSync) return { is: 'other' };
      const step = readVarUint(decoder);
      // Step1 is answered with Step2, which holds nothing: a server has all that these clients do.
      if (step === 0) return { is: 'question', answer: nothing };
      return { is: step === 1 ? 'ready' : 'updates', updates: [readVarUint8Array(decoder)] };
    },
  };
}

export function frame(write: (encoder: Encoder) => void): Uint8Array {
  const encoder = createEncoder();
  write(encoder);
  return toUint8Array(encoder);
}

function awareness({ client, clock, state }: PresenceEntry): Uint8Array {
  return frame((encoder) => {
    writeVarUint(encoder, 1);
    writeVarUint(encoder, client);
    writeVarUint(encoder, clock);
    writeVarUint8Array(encoder, state ?? left);
  });
}

function sync(writeHead: WriteHead, step: number, body: Uint8Array): Uint8Array {
  return frame((encoder) => {
    writeHead(encoder, messageSync);
    writeVarUint(encoder, step);
    writeVarUint8Array(encoder, body);
  });
}
