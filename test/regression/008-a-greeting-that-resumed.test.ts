// What came in the same read as the hello, and was too much, held the session back; the end of the greeting let it through
// again. It was read on while a document could not be loaded, and filled the memory.
import { noAccessControl } from '@syncline/server/auth/none.ts';
import { Confirmations } from '@syncline/server/replication/confirmations.ts';
import { NativeSession } from '@syncline/server/dialect/native/session.ts';
import { type Up, upCodec } from '@syncline/shared';
import { expect, it } from 'vitest';
import { Core } from '../core/core.ts';
import { until } from '../support/until.ts';

const entries = Array.from({ length: 7_000 }, () => ({ client: 1, clock: 1, state: undefined }));
const early: readonly Up[] = [
  { say: 'hello', lowestVersion: 1, highestVersion: 1, token: '' },
  { say: 'open', channel: 1, document: 'notes', engine: 'yjs', incarnation: 0, resume: undefined },
  { say: 'compare', channel: 1, request: Uint8Array.of(0), deletions: new Uint8Array(8) },
  { say: 'presence', channel: 1, entries },
  { say: 'presence', channel: 1, entries },
  { say: 'presence', channel: 1, entries },
];

it('[DOC6] a session that is held back during its greeting stays so until less is waiting', async () => {
  await using core = new Core();
  const { promise: readable, resolve: letRead } = Promise.withResolvers<void>();
  const head = core.journal.head.bind(core.journal);
  core.journal.head = async (name) => {
    await readable;
    return head(name);
  };
  let isPaused = false;
  const session = newSession(core, (toPause) => (isPaused = toPause));
  for (const message of early) session.receive(upCodec.encode(message));
  await new Promise(setImmediate);
  const isHeldBack = isPaused;
  letRead();
  expect(isHeldBack).toBe(true);
  await until('it is read again', () => {
    // So many entries are over the rate of presence, too, and wait for it.
    core.clock.advance(1_000);
    return !isPaused;
  });
});

function newSession(core: Core, paused: (isPaused: boolean) => void): NativeSession {
  const { journal, documents, observed } = core;
  return new NativeSession(
    { bufferedBytes: 0, send() {}, close() {}, pause: () => paused(true), resume: () => paused(false) },
    {
      replica: journal.replica,
      epoch: journal.epoch,
      confirm: new Confirmations(core.clock, () => []),
      durability: 'full',
      maxFrameBytes: 1024 * 1024,
      observe: observed,
      isInLineage: () => false,
      maxChannels: 1,
      opens: () => 0,
      after: (delayMs, action) => void core.clock.after(delayMs, action),
      validFor: () => {},
      identify: () => noAccessControl.identify({ token: undefined, address: '' }),
      open: (name, speaker, grants) => documents.open(name, speaker, grants),
    },
  );
}
