// The frames of the Hocuspocus protocol, written and read by hand: what no stock provider would say can be said, and what the server says
// is seen as it came.
import { createDecoder, hasContent, readVarString, readVarUint, readVarUint8Array } from 'lib0/decoding';
import { createEncoder, toUint8Array, writeUint8Array, writeVarString, writeVarUint } from 'lib0/encoding';
import { presenceFrame, type PresenceClaim, syncFrame, type SyncKind } from './frames.ts';

interface Contents {
  readonly request: { readonly body: Uint8Array };
  readonly answer: { readonly body: Uint8Array };
  readonly update: { readonly body: Uint8Array };
  readonly presence: { readonly body: Uint8Array };
  readonly authenticated: { readonly text: string };
  readonly denied: { readonly text: string };
  readonly stateless: { readonly text: string };
  readonly status: { readonly isSaved: boolean };
  readonly tokenRequest: object;
  readonly presenceRequest: object;
  readonly pong: object;
}

type Saying = keyof Contents;

/** One frame of the server. */
export type HeardFrame<Say extends Saying = Saying> = {
  [Each in Say]: { readonly address: string; readonly say: Each } & Contents[Each];
}[Say];

const syncKinds = ['request', 'answer', 'update'] as const;

/** A type, and what comes behind it, under an address. */
export function addressed(address: string, ...bytes: readonly (Uint8Array | number | string)[]): Uint8Array {
  const encoder = createEncoder();
  writeVarString(encoder, address);
  for (const part of bytes)
    if (typeof part === 'number') writeVarUint(encoder, part);
    else if (typeof part === 'string') writeVarString(encoder, part);
    else writeUint8Array(encoder, part);
  return toUint8Array(encoder);
}

export function tokenFrame(
  address: string,
  token: string,
  version: string | undefined = '4.8.0',
): Uint8Array {
  return version === undefined ? addressed(address, 2, 0, token) : addressed(address, 2, 0, token, version);
}

export function addressedSync(address: string, kind: SyncKind, body: Uint8Array): Uint8Array {
  return addressed(address, syncFrame(kind, body));
}

export function addressedPresence(address: string, claims: readonly PresenceClaim[]): Uint8Array {
  return addressed(address, presenceFrame(claims));
}

export function statelessFrame(address: string, payload: string): Uint8Array {
  return addressed(address, 5, payload);
}

export function closeFrame(address: string): Uint8Array {
  return addressed(address, 7);
}

export function readHeard(frame: Uint8Array): HeardFrame {
  // Alone of all it has no address.
  if (frame.length === 1 && frame[0] === 10) return { address: '', say: 'pong' };
  const decoder = createDecoder(frame);
  const address = readVarString(decoder);
  const type = readVarUint(decoder);
  const heard = ((): HeardFrame => {
    switch (type) {
      case 0:
        return { address, say: syncKinds[readVarUint(decoder)]!, body: readVarUint8Array(decoder) };
      case 1:
        return { address, say: 'presence', body: readVarUint8Array(decoder) };
      case 2:
        return readAuth(address, readVarUint(decoder), () => readVarString(decoder));
      case 3:
        return { address, say: 'presenceRequest' };
      case 5:
        return { address, say: 'stateless', text: readVarString(decoder) };
      case 8:
        return { address, say: 'status', isSaved: readVarUint(decoder) === 1 };
      default:
        throw new Error(`the server sent a frame of type ${type}`);
    }
  })();
  if (hasContent(decoder)) throw new Error('the server sent more than one message in a frame');
  return heard;
}

function readAuth(address: string, type: number, text: () => string): HeardFrame {
  if (type === 0) return { address, say: 'tokenRequest' };
  return { address, say: type === 1 ? 'denied' : 'authenticated', text: text() };
}
