// The y-websocket frames, written and read by hand: what no stock client would say can be said, and what the server says
// is seen as it came.
import { createDecoder, hasContent, readVarUint, readVarUint8Array } from 'lib0/decoding';
import { createEncoder, toUint8Array, writeVarString, writeVarUint, writeVarUint8Array } from 'lib0/encoding';

const syncKinds = ['request', 'answer', 'update'] as const;
export type SyncKind = (typeof syncKinds)[number];

/** One frame as it was read: a frame that holds more than one message has bytes left. */
export interface ReadFrame {
  readonly kind: SyncKind | 'presence';
  readonly body: Uint8Array;
  readonly hasBytesLeft: boolean;
}

export interface PresenceClaim {
  readonly client: number;
  readonly clock: number;
  /** The state's JSON; 'null' says that the client has left. */
  readonly json: string;
}

export function syncFrame(kind: SyncKind, body: Uint8Array): Uint8Array {
  const encoder = createEncoder();
  writeVarUint(encoder, 0);
  writeVarUint(encoder, syncKinds.indexOf(kind));
  writeVarUint8Array(encoder, body);
  return toUint8Array(encoder);
}

export function presenceFrame(claims: readonly PresenceClaim[]): Uint8Array {
  const body = createEncoder();
  writeVarUint(body, claims.length);
  for (const { client, clock, json } of claims) {
    writeVarUint(body, client);
    writeVarUint(body, clock);
    writeVarString(body, json);
  }
  return Uint8Array.of(1, ...varBytes(toUint8Array(body)));
}

function* varBytes(bytes: Uint8Array): Generator<number> {
  const encoder = createEncoder();
  writeVarUint8Array(encoder, bytes);
  yield* toUint8Array(encoder);
}

export function readFrame(frame: Uint8Array): ReadFrame {
  const decoder = createDecoder(frame);
  const type = readVarUint(decoder);
  if (type > 1) throw new Error(`the server sent a frame of type ${type}`);
  const kind = type === 1 ? 'presence' : syncKinds[readVarUint(decoder)];
  if (kind === undefined) throw new Error('the server sent an unknown sync message');
  const body = readVarUint8Array(decoder);
  return { kind, body, hasBytesLeft: hasContent(decoder) };
}
