// A session said what it has, and what it had typed behind that, and was gone before its document was loaded. What it had typed was still
// taken in, as it may have no other copy; whether that is of an incarnation that has ended was not looked at any more.
import { idleMs, sweepMs } from '@syncline/server/core/limits.ts';
import { documentName } from '@syncline/shared';
import * as Y from 'yjs';
import { expect, it } from 'vitest';
import { until } from '../support/until.ts';
import { Author, Core } from '../core/core.ts';
import { RecordingSpeaker } from '../core/recording-speaker.ts';

const name = documentName('notes');

/** Of a document that was deleted and has begun anew since. */
async function deletedAndBegunAnew() {
  const core = new Core();
  const author = new Author(1);
  const typist = await core.join();
  await core.commit(typist, author.type('of old'));
  const visit = core.documents.visit(name);
  await visit.delete();
  await visit.undelete();
  visit.end();
  typist.channel.close();
  // It has to be read again to be known.
  core.clock.advance(idleMs + sweepMs);
  await until('it is forgotten', () => core.documents.count === 0);
  return { core, author };
}

it.each([
  { kind: 'a stock client', incarnation: undefined },
  { kind: 'one that knows of which incarnation it is', incarnation: 1 },
  { kind: 'one that knows of none', incarnation: 0 },
])('[DEL3] $kind has typed in an incarnation that is over, and is gone at once', async ({ incarnation }) => {
  const { core, author } = await deletedAndBegunAnew();
  await using _ = core;
  const speaker = new RecordingSpeaker();
  const engine = core.engine.name;
  const channel = core.documents.open(
    name,
    speaker,
    incarnation === undefined ? { engine } : { engine, incarnation },
  );
  const request = Y.encodeStateVector(author.document);
  if (incarnation === 0) channel.compared(request, new Uint8Array(0));
  else if (incarnation === undefined) channel.requested(request);
  channel.update(author.type(' and more'));
  channel.close();
  const other = await core.join();
  await core.commit(other, new Author(2).type('of now'));
  // What is of the first incarnation waits for ever in a document that has nothing before it: it is looked for among what was taken in.
  expect(core.observed.accepted).toBe(2);
});
