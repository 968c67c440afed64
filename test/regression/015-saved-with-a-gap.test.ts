// What a document holds and cannot show yet, since something before it is missing, is not in what it says that it has: the
// server did not ask for it, and it was called saved without ever having been sent.
import { expect, it } from 'vitest';
import * as Y from 'yjs';
import { Author } from '../core/core.ts';
import { OpenedDocument } from './opened-document.ts';

it('[SDK1] [SDK6] what waits for something that is missing is sent, and saved waits for it', async () => {
  const author = new Author(1);
  author.type('missing');
  const document = new Y.Doc();
  Y.applyUpdate(document, author.type('waiting'));
  const opened = new OpenedDocument(document);
  let isSaved = false;
  void opened.content.saved({ tier: 'stored' }).then(() => (isSaved = true));
  opened.caughtUp(0);
  await new Promise(setImmediate);
  expect(isSaved).toBe(false);

  const sent = opened.said.flatMap((message) => (message.say === 'updates' ? message.updates : []));
  const held = new Y.Doc();
  for (const update of [author.updates[0]!, ...sent]) Y.applyUpdate(held, update);
  expect(held.getText('content').toJSON()).toBe(author.text);
  opened.content.heard({ say: 'stored', channel: 1, from: 1, through: 1, sequence: 1, position: 1 });
  await new Promise(setImmediate);
  expect(isSaved).toBe(true);
});
