// What a socket may take up before it is known who it is.
import { once } from 'node:events';
import { connect } from 'node:net';
import {
  closeWithinMs,
  defaultMaxFrameBytes,
  maxUnknownBytes,
  socketSweepMs,
  speakWithinMs,
} from '@syncline/server/socket/limits.ts';
import { downCodec, SyncError, upCodec } from '@syncline/shared';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Edge } from '../core/edge.ts';
import { NativeClient } from '../support/native-client.ts';
import { ServerProcess, temporaryFolder } from '../support/server.ts';
import { until } from '../support/until.ts';
import { clientFrame, frameHead, WireClient } from '../support/wire-client.ts';

let folder: ReturnType<typeof temporaryFolder>;
let server: ServerProcess;

beforeAll(async () => {
  folder = temporaryFolder();
  server = await ServerProcess.start({ data: folder.path });
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

/** A hello that is so many bytes on the wire, of which the token is as long as it has to be. */
function helloOf(bytes: number): Buffer {
  for (let length = bytes; ; length--) {
    const token = 'x'.repeat(length);
    const frame = clientFrame(upCodec.encode({ say: 'hello', lowestVersion: 1, highestVersion: 1, token }));
    if (frame.length === bytes) return frame;
  }
}

function said(client: WireClient): unknown[] {
  return client.messages.map((message) => downCodec.decode(message));
}

it('[LIM1] a hello of exactly as many bytes as may be is answered, whole and in pieces', async () => {
  const hello = helloOf(maxUnknownBytes);
  for (const pieces of [1, 7]) {
    using client = await WireClient.open(server.port, '/sync');
    const size = Math.ceil(hello.length / pieces);
    for (let at = 0; at < hello.length; at += size) client.write(hello.subarray(at, at + size));
    await until('it is welcomed', () => client.messages.length === 1);
    expect(said(client)).toMatchObject([{ say: 'welcome' }]);
  }
});

it('[LIM1] one byte more ends the connection, with an error that says not to try again', async () => {
  const hello = helloOf(maxUnknownBytes + 1);
  for (let attempt = 0; attempt < 20; attempt++) {
    using client = await WireClient.open(server.port, '/sync');
    client.write(hello);
    await client.closed();
    expect(said(client)).toMatchObject([{ say: 'refused', channel: 0, code: 'frame_too_large' }]);
    expect(client.closeCode).toBe(4413);
  }
  expect(new SyncError('frame_too_large').retry).toBe('never');
});

it('[LIM1] of a frame that announces 16 MB no more is read', async () => {
  using client = await WireClient.open(server.port, '/sync');
  client.write(frameHead(defaultMaxFrameBytes));
  client.write(Buffer.alloc(4));
  const drip = Buffer.alloc(1_024);
  let sent = 0;
  await until('the server closes', () => {
    if (client.closeCode !== undefined || client.hasEnded) return true;
    client.write(drip);
    sent += drip.length;
    return false;
  });
  await client.closed();
  expect(client.closeCode).toBe(4413);
  // What was under way when it closed may have been sent.
  expect(sent).toBeGreaterThan(maxUnknownBytes - 2 * drip.length);
  expect(sent).toBeLessThan(maxUnknownBytes + 64 * 1_024);
});

it('[LIM1] whoever is known may send more than that', async () => {
  using client = await NativeClient.greet(server.sync);
  for (let sent = 0; sent < 4 * maxUnknownBytes; sent += 1_024) client.say({ say: 'ping' });
  await client.roundTrip();
  client.send(upCodec.encode({ say: 'renew', token: 'x'.repeat(2 * maxUnknownBytes) }));
  expect(await client.hears('renewed')).toMatchObject({ expiresInMs: 0 });
});

it('[LIM1] a client that says nothing, or only begins to, is closed after its time and not before', async () => {
  await using edge = await Edge.open();
  const silent = await WireClient.open(edge.port, '/sync');
  const dripping = await WireClient.open(edge.port, '/sync');
  const pinging = await WireClient.open(edge.port, '/sync');
  const slow = await NativeClient.connect(edge.sync);
  dripping.write(frameHead(defaultMaxFrameBytes));
  const steps = 10;
  for (let step = 0; step < steps; step++) {
    dripping.write(Buffer.alloc(1));
    pinging.write(clientFrame(new Uint8Array(0), 9));
    edge.core.clock.advance(speakWithinMs / steps);
    await until('the ping is answered', () => pinging.frames.length === step + 1);
  }
  slow.say({ say: 'hello', lowestVersion: 1, highestVersion: 1, token: '' });
  await slow.hears('welcome');
  const strangers = [silent, dripping, pinging];
  expect(strangers.map(({ closeCode }) => closeCode)).toEqual([undefined, undefined, undefined]);
  edge.core.clock.advance(socketSweepMs);
  await until('they are closed', () => strangers.every(({ closeCode }) => closeCode === 1008));
  for (const client of strangers) expect(said(client)).toMatchObject([{ say: 'refused', code: 'silent' }]);
  // They need not answer that.
  edge.core.clock.advance(closeWithinMs);
  await until('they are gone', () => edge.sockets.count === 1);
  await slow.roundTrip();
  expect(new SyncError('silent').retry).toBe('later');
  for (const client of [...strangers, slow]) client[Symbol.dispose]();
});

it('[LIM1] a connection that does not come as far as asking for a socket is closed as well', async () => {
  const began = performance.now();
  const ends = ['', 'GET /sync HTTP/1.1\r\nHost: ', `GET /sync HTTP/1.1\r\nHost: 127.0.0.1\r\n`].map(
    (begun) => {
      const socket = connect(server.port, '127.0.0.1');
      socket.on('error', () => {}).resume();
      socket.write(begun);
      return once(socket, 'close');
    },
  );
  await Promise.all(ends);
  const tookMs = performance.now() - began;
  expect(tookMs).toBeGreaterThan(speakWithinMs - socketSweepMs);
  expect(tookMs).toBeLessThan(speakWithinMs + 2 * socketSweepMs);
});
