// Why a document or a connection was refused, in words for whoever sits before the page.
import type { ErrorCode, SyncError } from '../src/index.ts';

const reasons: Partial<Record<ErrorCode, string>> = {
  forbidden: 'You may not open this document.',
  unauthenticated: 'The server wants a token that it accepts: open the page with ?token=… in its address.',
  token_expired: 'The token in the address of this page has expired.',
  bad_origin: 'The server takes no connections from pages of this address.',
  unsupported_version: 'This page and the server are of different versions: reload the page.',
  frame_too_large: 'The last change is larger than the server takes.',
  update_too_large: 'The last change is larger than the server takes.',
  document_too_large: 'This document is as large as the server keeps it: it takes no more changes.',
  malformed_update: 'The server cannot read the last change.',
  update_too_costly: 'The last change is too large for the server to check.',
  unavailable: 'The server cannot read this document at the moment.',
};

export function reasonOf({ code, detail, message }: SyncError): string {
  if (code === 'bad_document_name') return `No document can have this name: ${detail}.`;
  return reasons[code] ?? message;
}
