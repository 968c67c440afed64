// An update that yjs rejects when it applies it, which the check cannot tell, ended the turn for all that were heard with it:
// the client lacked what others had written, its position was past it, and nobody sent it again.
import { expect, it } from 'vitest';
import * as Y from 'yjs';
import { Author } from '../core/core.ts';
import { deleteOutermost, nestedArrays } from '../property/payloads.ts';
import { OpenedDocument } from './opened-document.ts';

it('[ENG3] [CNV1] an update that yjs rejects takes along nothing that was heard with it', () => {
  const document = new Y.Doc();
  const { content, reports } = openedWithNested(document);
  const updates = [deleteOutermost(), new Author(2).type('by somebody else')];
  content.heard({ say: 'updates', channel: 1, position: 2, updates });
  expect(reports).toEqual([expect.any(RangeError)]);
  expect(document.getText('content').toJSON()).toBe('by somebody else');
});

/** What is heard next can delete arrays so deep in each other that the stack does not suffice. */
function openedWithNested(document: Y.Doc): OpenedDocument {
  const opened = new OpenedDocument(document);
  opened.content.heard({ say: 'answer', channel: 1, bytes: 0 });
  opened.content.heard({ say: 'updates', channel: 1, position: 0, updates: [nestedArrays(20_000)] });
  opened.content.heard({ say: 'caughtUp', channel: 1, position: 1, digest: new Uint8Array(0) });
  return opened;
}
