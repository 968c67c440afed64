import { once } from 'node:events';
import {
  closeWithinMs,
  inboundSilenceMs,
  keepAliveMs,
  maxReasonBytes,
  socketSweepMs,
  speakWithinMs,
} from '@syncline/server/socket/limits.ts';
import { describe, expect, it } from 'vitest';
import { RawClient } from '../support/raw-client.ts';
import { until } from '../support/until.ts';
import { Edge } from './edge.ts';

/** Resolves when everything that the server had sent to the client has come. */
async function roundTrip(client: RawClient): Promise<void> {
  client.socket.ping();
  await once(client.socket, 'pong');
}

/** Resolves when what the server has begun has come to pass: somebody else has been let in and heard meanwhile. */
async function othersAreServed({ yjs }: Edge): Promise<void> {
  using other = await (await RawClient.join(yjs, 'beside')).answered();
  other.socket.close();
  await other.closed;
}

describe('a socket', () => {
  it('[YWS9] that does not begin is closed, and not before its time', async () => {
    await using edge = await Edge.open();
    using client = await RawClient.open(edge.yjs, 'notes');
    await until('it was asked', () => client.frames.length === 1);
    edge.core.clock.advance(speakWithinMs);
    await roundTrip(client);
    edge.core.clock.advance(socketSweepMs);
    expect((await client.closed).code).toBe(1008);
  });

  it('[YWS9] that only says where its cursor is has not begun', async () => {
    await using edge = await Edge.open();
    using client = await RawClient.open(edge.yjs, 'notes');
    client.send(Uint8Array.of(1, 1, 0));
    await roundTrip(client);
    edge.core.clock.advance(speakWithinMs + socketSweepMs);
    expect((await client.closed).code).toBe(1008);
  });

  it('[YWS4] on which nothing was sent for a while is sent data that changes nothing', async () => {
    await using edge = await Edge.open();
    using client = await (await RawClient.join(edge.yjs, 'notes')).answered();
    const before = client.frames.length;
    for (let round = 1; round <= 3; round++) {
      edge.core.clock.advance(keepAliveMs);
      await roundTrip(client);
      expect(client.frames).toHaveLength(before + round - 1);
      edge.core.clock.advance(socketSweepMs);
      await until('a life sign has come', () => client.frames.length === before + round);
      expect(client.frames.at(-1)).toMatchObject({ kind: 'presence', body: Uint8Array.of(0) });
    }
  });

  it('[YWS4] from which nothing comes is pinged, and kept if it answers', async () => {
    await using edge = await Edge.open();
    using client = await (await RawClient.join(edge.yjs, 'notes')).answered();
    for (let round = 0; round < 3; round++) {
      const pinged = once(client.socket, 'ping');
      edge.core.clock.advance(inboundSilenceMs + socketSweepMs);
      await pinged;
      await roundTrip(client);
    }
    expect(client.ended).toBeUndefined();
  });

  it('[YWS4] from which nothing comes, not even an answer to a ping, is cut off', async () => {
    await using edge = await Edge.open();
    using client = await (await RawClient.join(edge.yjs, 'notes')).answered();
    client.socket.pause();
    edge.core.clock.advance(2 * inboundSilenceMs);
    await othersAreServed(edge);
    expect(edge.sockets.count).toBe(1);
    edge.core.clock.advance(socketSweepMs);
    await until('it is gone', () => edge.sockets.count === 0);
    client.socket.resume();
    expect((await client.closed).code).toBe(1006);
  });

  it('[YWS6] that does not answer a close is cut off', async () => {
    await using edge = await Edge.open();
    using client = await (await RawClient.join(edge.yjs, 'notes')).answered();
    client.send('text');
    client.socket.pause();
    await until('it is refused', () => edge.core.observed.framesReceived === 2);
    edge.core.clock.advance(closeWithinMs - 1);
    await othersAreServed(edge);
    expect(edge.sockets.count).toBe(1);
    edge.core.clock.advance(1);
    await until('it is gone', () => edge.sockets.count === 0);
  });

  it('[YWS8] is told why it is closed in as many bytes as a close can hold', async () => {
    await using edge = await Edge.open();
    using client = await RawClient.open(edge.yjs, 'tab%09in%09it');
    const { code, reason } = await client.closed;
    expect(code).toBe(4400);
    expect(reason).toMatch(/^The document name is not UTF-8 .*\(it has a control/);
    expect(Buffer.byteLength(reason)).toBe(maxReasonBytes);
  });
});
