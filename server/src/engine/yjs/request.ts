// A state vector from the wire, read once.
import { SyncError } from '@syncline/shared';
import * as Y from 'yjs';
import type { ReaderRequest } from '../../port/engine.ts';

/** A hundred thousand clients; reading it takes tens of milliseconds. */
export const maxRequestBytes = 1024 * 1024;

/** Of each client how many clocks are held from 0 on. */
type Clocks = ReadonlyMap<number, number>;

interface YjsRequest {
  readonly bytes: Uint8Array;
  readonly clocks: Clocks;
  readonly claimsNothing: boolean;
  readonly isExact: false;
}

/** Throws `bad_frame` or `frame_too_large`. */
export function readRequest(bytes: Uint8Array): ReaderRequest {
  if (bytes.length > maxRequestBytes) {
    throw new SyncError('frame_too_large', `a state vector has more than ${maxRequestBytes} bytes`);
  }
  let clocks: Clocks;
  try {
    clocks = Y.decodeStateVector(bytes);
  } catch {
    throw new SyncError('bad_frame', 'its state vector cannot be read');
  }
  const request: YjsRequest = {
    bytes: bytes.slice(),
    clocks,
    claimsNothing: clocks.size === 0,
    isExact: false,
  };
  return request as unknown as ReaderRequest;
}

export function clocksOf(request: ReaderRequest): Clocks {
  return (request as unknown as YjsRequest).clocks;
}
