import { expect, it } from 'vitest';
import { documentName, maxDocumentNameBytes } from './document-name.ts';
import { SyncError } from './error.ts';

it.each([
  'a',
  'notes/today',
  'Grüße 👋',
  'x'.repeat(maxDocumentNameBytes),
  '👋'.repeat(maxDocumentNameBytes / 4),
])('[RUN6] %j is a name', (text) => {
  expect(documentName(text)).toBe(text);
});

it.each(['', 'a\nb', '\u0000', '\u007f', '\ud800', 'x'.repeat(maxDocumentNameBytes + 1), '👋'.repeat(129)])(
  '[RUN6] %j is not',
  (text) => {
    expect(() => documentName(text)).toThrow(SyncError);
  },
);
