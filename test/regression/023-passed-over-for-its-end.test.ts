// A document was deleted at a source after that had told of a change in it, so that it could not be fetched any more. It was passed over, since
// its end was to be told next, and everything up to there was said to be here. The source was put back to the time before that end, and
// had the document again, of which this replica said that it held it.
import { randomBytes } from 'node:crypto';
import type { Change } from '@syncline/server/replication/messages.ts';
import { expect, it } from 'vitest';
import { HandLink } from '../replication/hand-link.ts';

function changed(sequence: number, isDeleted: 0 | 1): Change {
  const digest = randomBytes(16);
  return { document: 'notes', engine: 'yjs', sequence, digest, incarnation: 1, isDeleted, updates: [] };
}

it('[REP3] a document that has ended at its source is not held before its end is told', async () => {
  await using link = await HandLink.open();
  const burial = (await link.core.engine.version(undefined, [])).encode();
  link.answer = (message) => {
    if (message.say === 'fetch')
      return { say: 'unavailable', ticket: message.ticket, code: 'document_deleted' };
    if (message.say === 'burialsOf') return { say: 'burials', document: message.document, burials: [burial] };
    return undefined;
  };
  link.tells(1, [changed(1, 0)]);
  await link.acknowledged(1);
  expect(link.heardOf('ack').at(-1)).toMatchObject({ through: 1, held: 0 });
  link.tells(2, [changed(2, 1)]);
  await link.acknowledged(2);
  expect(link.heardOf('ack').at(-1)).toMatchObject({ through: 2, held: 2 });
});
