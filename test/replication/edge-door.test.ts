// Who may come in by the path of replicas, and as far as where: real sockets, under a clock that the test moves.
import {
  closeWithinMs,
  maxUnknownBytes,
  socketSweepMs,
  speakWithinMs,
} from '@syncline/server/socket/limits.ts';
import { expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { Edge } from '../core/edge.ts';
import { RawClient } from '../support/raw-client.ts';
import { until } from '../support/until.ts';
import { clientFrame, WireClient } from '../support/wire-client.ts';
import { RecordingSession } from './recording-session.ts';

/** An edge that lets replicas in, and what it was told of them. */
async function openToReplicas(settings: { maxSocketsPerAddress?: number } = {}) {
  const sessions: RecordingSession[] = [];
  const known: (() => void)[] = [];
  const edge = await Edge.open({
    ...settings,
    acceptReplica: (outbox, isKnown) => {
      known.push(isKnown);
      sessions.push(new RecordingSession(outbox));
      return sessions.at(-1)!;
    },
  });
  return { edge, sessions, known };
}

function closeCode(port: number, options: object = {}): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/replicate`, options);
    socket.on('close', resolve).on('error', reject);
  });
}

it('[OPR5] a replica is given a session, with or without a query', async () => {
  const { edge, sessions } = await openToReplicas();
  await using _ = edge;
  for (const [at, path] of ['/replicate', '/replicate?from=east'].entries()) {
    using client = await WireClient.open(edge.port, path);
    await until('there is a session', () => sessions.length === at + 1);
    const session = sessions[at]!;
    client.send(Uint8Array.of(1, 2, 3));
    await until('it hears', () => session.frames.length === 1);
    session.outbox.send(Uint8Array.of(4));
    await until('it is heard', () => client.messages.length === 1);
    expect([session.frames[0], client.messages[0]]).toEqual([Buffer.of(1, 2, 3), Buffer.of(4)]);
  }
});

it('[OPR5] a page of any origin is refused, whatever else may connect', async () => {
  const { edge, sessions } = await openToReplicas();
  await using _ = edge;
  for (const origin of ['https://app.example', 'http://localhost:7070', 'null']) {
    expect(await closeCode(edge.port, { origin })).toBe(4403);
  }
  expect(sessions).toEqual([]);
});

it('[OPR2] where nobody may replicate, whoever tries is refused', async () => {
  await using edge = await Edge.open();
  expect(await closeCode(edge.port)).toBe(4403);
  using client = await RawClient.join(edge.yjs, 'notes');
  await client.answered();
});

it('[OPR5] little is read of somebody who is not known, and more of a replica', async () => {
  const { edge, sessions, known } = await openToReplicas();
  await using _ = edge;
  using stranger = await WireClient.open(edge.port, '/replicate');
  using replica = await WireClient.open(edge.port, '/replicate');
  await until('both have a session', () => known.length === 2);
  known[1]!();
  const large = clientFrame(new Uint8Array(maxUnknownBytes + 1));
  replica.write(large);
  await until('the replica is heard', () => sessions[1]!.frames.length === 1);
  stranger.write(large);
  await stranger.closed();
  expect(stranger.closeCode).toBe(4413);
  expect(sessions[0]).toMatchObject({ frames: [], ends: [{ code: 'frame_too_large' }], isClosed: true });
});

it('[OPR5] somebody who says nothing is closed after its time', async () => {
  const { edge, sessions } = await openToReplicas();
  await using _ = edge;
  const code = closeCode(edge.port);
  await until('there is a session', () => sessions.length === 1);
  edge.core.clock.advance(speakWithinMs);
  expect(sessions[0]!.ends).toEqual([]);
  edge.core.clock.advance(socketSweepMs);
  expect(await code).toBe(1008);
});

it('[OPR5] replicas are counted by their address as everybody is', async () => {
  const { edge, sessions } = await openToReplicas({ maxSocketsPerAddress: 2 });
  await using _ = edge;
  using first = await WireClient.open(edge.port, '/replicate');
  using second = await WireClient.open(edge.port, '/replicate');
  expect(await closeCode(edge.port)).toBe(1013);
  using elsewhere = await WireClient.open(edge.port, '/replicate', '127.0.0.2');
  await until('there are three sessions', () => sessions.length === 3);
  expect([first, second, elsewhere].map(({ closeCode: code }) => code)).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});

it('[OPR4] a replica is told when the server stops', async () => {
  const { edge, sessions } = await openToReplicas();
  await using _ = edge;
  const code = closeCode(edge.port);
  await until('there is a session', () => sessions.length === 1);
  edge.sockets.stopReading();
  const drained = edge.sockets.drain();
  expect(await code).toBe(1012);
  edge.core.clock.advance(closeWithinMs);
  await drained;
  expect(sessions[0]!.isClosed).toBe(true);
});
