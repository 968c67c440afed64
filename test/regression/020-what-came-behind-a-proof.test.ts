// A replica that dials says everything that it has to say right behind its proof; where both came in one read that was more than is
// read of a stranger, and the replica was refused as one.
import { maxUnknownBytes } from '@syncline/server/socket/limits.ts';
import { expect, it } from 'vitest';
import { Edge } from '../core/edge.ts';
import { RecordingSession } from '../replication/recording-session.ts';
import { until } from '../support/until.ts';
import { clientFrame, WireClient } from '../support/wire-client.ts';

/** One that is known by its first frame. */
class KnownByItsFirst extends RecordingSession {
  readonly #isKnown: () => void;

  constructor(outbox: RecordingSession['outbox'], isKnown: () => void) {
    super(outbox);
    this.#isKnown = isKnown;
  }

  override receive(frame: Uint8Array): void {
    super.receive(frame);
    this.#isKnown();
  }
}

async function openToReplicas() {
  const sessions: RecordingSession[] = [];
  const edge = await Edge.open({
    acceptReplica: (outbox, isKnown) => {
      sessions.push(new KnownByItsFirst(outbox, isKnown));
      return sessions.at(-1)!;
    },
  });
  return { edge, sessions };
}

it('[OPR5] whoever proves itself is heard with all that came in the same read', async () => {
  const { edge, sessions } = await openToReplicas();
  await using _ = edge;
  using replica = await WireClient.open(edge.port, '/replicate');
  const [proof, rest] = [new Uint8Array(40), new Uint8Array(3 * maxUnknownBytes)];
  replica.write(Buffer.concat([clientFrame(proof), clientFrame(rest)]));
  await until('both are heard', () => sessions[0]?.frames.length === 2);
  expect(sessions[0]!.ends).toEqual([]);
});

it('[OPR5] whoever does not is heard no further, however much came in the same read', async () => {
  const sessions: RecordingSession[] = [];
  await using edge = await Edge.open({
    acceptReplica: (outbox) => {
      sessions.push(new RecordingSession(outbox));
      return sessions.at(-1)!;
    },
  });
  using stranger = await WireClient.open(edge.port, '/replicate');
  const frame = clientFrame(new Uint8Array(maxUnknownBytes / 4));
  stranger.write(Buffer.concat(Array.from({ length: 12 }, () => frame)));
  await stranger.closed();
  expect(stranger.closeCode).toBe(4413);
  expect(sessions[0]!.frames.length).toBeLessThanOrEqual(4);
});
