// What a document may be called.
import { SyncError } from './error.ts';

declare const brand: unique symbol;

/** A document's name: 1 to 512 bytes of UTF-8 without control characters. */
export type DocumentName = string & { readonly [brand]: 'DocumentName' };

/** Names are keys in memory, on disk and in logs: 512 bytes hold any path that people write, and bound all three. */
export const maxDocumentNameBytes = 512;

const control = /\p{Cc}/u;

/** Gives the name its type. Throws `bad_document_name`. */
export function documentName(text: string): DocumentName {
  // It comes from applications that are not checked by a compiler, too.
  if (typeof text !== 'string') throw new SyncError('bad_document_name', 'it is not a text');
  if (text.length === 0) throw new SyncError('bad_document_name', 'it is empty');
  // A UTF-16 unit is at least one byte of UTF-8, so this is settled before anything of its size is built.
  if (text.length > maxDocumentNameBytes || utf8Length(text) > maxDocumentNameBytes) {
    throw new SyncError('bad_document_name', `it is longer than ${maxDocumentNameBytes} bytes`);
  }
  if (!text.isWellFormed() || control.test(text)) {
    throw new SyncError('bad_document_name', 'it has a control character or half of a surrogate pair');
  }
  return text as DocumentName;
}

function utf8Length(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const point = character.codePointAt(0)!;
    bytes += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
  }
  return bytes;
}
