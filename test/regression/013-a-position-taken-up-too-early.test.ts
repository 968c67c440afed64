// A client whose digest differed gave up its position and compared; the next update gave it a position again before it was
// answered. If the connection was lost then, it resumed there, and what it lacked was never sent.
import { expect, it } from 'vitest';
import * as Y from 'yjs';
import { Author } from '../core/core.ts';
import { OpenedDocument } from './opened-document.ts';

it('[NAT7] a position is not taken up between a digest that differs and the answer', () => {
  const opened = new OpenedDocument(new Y.Doc());
  opened.caughtUp(100, new Uint8Array(16).fill(1));
  expect(opened.said.filter(({ say }) => say === 'compare')).toHaveLength(2);
  const updates = [new Author(2).type('by somebody else')];
  opened.content.heard({ say: 'updates', channel: 1, position: 101, updates });
  expect(opened.reopened()).toMatchObject({ say: 'open', resume: undefined });
});
