// A resume position named the newest commit that was seen only where the position moved with it. After its own edits were
// stored, a client could take up its position at a server that had lost them, and never sent them again.
import { expect, it } from 'vitest';
import * as Y from 'yjs';
import { OpenedDocument } from './opened-document.ts';

it('[NAT6] a resume position names the newest commit that was seen, whether the position moved or not', () => {
  const document = new Y.Doc();
  const opened = new OpenedDocument(document);
  opened.caughtUp(100);
  document.getText('content').insert(0, 'typed');
  opened.clock.advance(0);
  expect(opened.said).toContainEqual(expect.objectContaining({ say: 'updates', batch: 1 }));
  // The server reads in its log for this client, which is at no position.
  opened.content.heard({ say: 'stored', channel: 1, from: 1, through: 1, sequence: 120, position: 0 });
  expect(opened.reopened()).toMatchObject({ say: 'open', resume: { position: 100, headSeen: 120 } });
});
