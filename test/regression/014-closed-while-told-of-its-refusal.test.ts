// A document that the application closed when it was told of a refusal was tried again all the same: it was opened at the
// server, and nobody was left to close it.
import { expect, it } from 'vitest';
import * as Y from 'yjs';
import { OpenedDocument } from './opened-document.ts';

it.each([
  ['is tried again', false, ['open', 'compare']],
  ['stays closed if it is closed when that is told', true, []],
])('[SDK8] [SDK11] a document that is refused for the moment %s', (_, isToClose, expected) => {
  const opened = new OpenedDocument(new Y.Doc());
  opened.onChanged = () => {
    if (isToClose && opened.content.state.phase.phase === 'postponed') opened.content.close();
  };
  opened.said.length = 0;
  opened.content.heard({ say: 'refused', channel: 1, code: 'unavailable', detail: '' });
  opened.clock.advance(60_000);
  expect(opened.said.map(({ say }) => say)).toEqual(expected);
});
