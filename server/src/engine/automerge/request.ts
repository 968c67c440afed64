// What a holder says that it has, or which changes somebody wants, read once.
import { decodeHeadsRequest, headsForm, SyncError } from '@syncline/shared';
import { hashBytes } from '@syncline/shared/automerge/chunk.ts';
import type { ReaderRequest } from '../../port/engine.ts';

/** Thirty thousand heads; comparing them takes milliseconds. */
export const maxHeadsBytes = 1024 * 1024;

/** The form that lists changes which are wanted; `headsForm` says what a holder has. */
const changesForm = 2;

interface AutomergeRequest {
  readonly bytes: Uint8Array;
  readonly claimsNothing: boolean;
  /** Set when `wanted` says it all. */
  readonly isExact: boolean;
  readonly heads: readonly Uint8Array[];
  readonly samples: readonly Uint8Array[];
  readonly wanted: readonly Uint8Array[];
  /** Whether the reader takes a whole document for changes that are in it. */
  readonly takesDocument: boolean;
}

/** Throws `bad_frame` or `frame_too_large`. */
export function readRequest(bytes: Uint8Array): ReaderRequest {
  if (bytes[0] === changesForm) return readChanges(bytes);
  if (bytes[0] !== headsForm) throw new SyncError('bad_frame', 'its request has a form that is not known');
  if (bytes.length > maxHeadsBytes)
    throw new SyncError('frame_too_large', `heads have more than ${maxHeadsBytes} bytes`);
  const { heads, samples } = decodeHeadsRequest(bytes);
  const claimsNothing = heads.length + samples.length === 0;
  return asRequest({
    bytes: bytes.slice(),
    claimsNothing,
    isExact: false,
    heads,
    samples,
    wanted: [],
    takesDocument: true,
  });
}

/** A request for these changes and no others, one by one. Never on a wire. */
export function encodeChangesRequest(hashes: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(1 + hashes.length * hashBytes);
  bytes[0] = changesForm;
  hashes.forEach((hash, index) => bytes.set(hash, 1 + index * hashBytes));
  return bytes;
}

function readChanges(bytes: Uint8Array): ReaderRequest {
  if (bytes.length % hashBytes !== 1) throw new SyncError('bad_frame', 'its changes cannot be read');
  const copy = bytes.slice();
  const wanted: Uint8Array[] = [];
  for (let at = 1; at < copy.length; at += hashBytes) wanted.push(copy.subarray(at, at + hashBytes));
  return asRequest({
    bytes: copy,
    claimsNothing: false,
    isExact: true,
    heads: [],
    samples: [],
    wanted,
    takesDocument: false,
  });
}

/** The request of a holder who, as is known by now, lacks these changes. */
export function lackingRequest(request: ReaderRequest, wanted: readonly Uint8Array[]): ReaderRequest {
  return asRequest({ ...fromRequest(request), isExact: true, wanted, takesDocument: true });
}

export function fromRequest(request: ReaderRequest): AutomergeRequest {
  return request as unknown as AutomergeRequest;
}

function asRequest(request: AutomergeRequest): ReaderRequest {
  return request as unknown as ReaderRequest;
}
