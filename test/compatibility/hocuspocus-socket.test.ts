// Real sockets of stock Hocuspocus providers, under a clock that the test moves.
import { keepAliveMs, socketSweepMs, speakWithinMs } from '@syncline/server/socket/limits.ts';
import { describe, expect, it } from 'vitest';
import { Edge } from '../core/edge.ts';
import { HocuspocusClient, hocuspocusVersions } from '../support/hocuspocus-client.ts';
import { addressedSync } from '../support/hocuspocus-frames.ts';
import { HocuspocusRawClient } from '../support/hocuspocus-raw-client.ts';
import { until } from '../support/until.ts';

const rounds = 4;

describe.each(hocuspocusVersions)('@hocuspocus/provider %s', (version) => {
  it(`[HOC10] @hocuspocus/provider ${version}: is sent data in time while nothing happens, and takes no notice of it`, async () => {
    await using edge = await Edge.open();
    using anna = await HocuspocusClient.on(edge.hocuspocus, version, { document: 'quiet' }).saved();
    // It would renew its presence every 15 s by a clock of its own.
    const before = edge.core.observed.framesReceived;
    anna.awareness.setLocalState(null);
    await until('that has come', () => edge.core.observed.framesReceived > before);
    let heard = 0;
    anna.provider.on('message', () => heard++);
    let changes = 0;
    anna.provider.on('awarenessUpdate', () => changes++);
    for (let round = 1; round <= rounds; round++) {
      edge.core.clock.advance(keepAliveMs + socketSweepMs);
      await until('a life sign has come', () => heard === round);
    }
    // The provider gives a socket up on which nothing has come for 30 s.
    expect(keepAliveMs + socketSweepMs).toBeLessThan(20_000);
    expect([changes, anna.socket.connections, anna.provider.unsyncedChanges]).toEqual([0, 1, 0]);
  });
});

describe('a socket', () => {
  it('[HOC12] [LIM1] on which nobody says who it is, is closed, whatever else is said', async () => {
    await using edge = await Edge.open({
      access: { isOpen: false, identify: () => Promise.reject(new Error('nobody asks')) },
    });
    using silent = await HocuspocusRawClient.open(edge.hocuspocus);
    using talking = await HocuspocusRawClient.open(`${edge.hocuspocus}/?of=the-app`);
    talking.say(addressedSync('notes', 'request', Uint8Array.of(0)));
    await until('both are there', () => edge.core.observed.framesReceived === 1);
    edge.core.clock.advance(speakWithinMs + socketSweepMs);
    expect((await Promise.all([silent.closed, talking.closed])).map(({ code }) => code)).toEqual([
      1008, 1008,
    ]);
    expect(talking.of('denied').map(({ text }) => text.split(':')[0])).toEqual(['unauthenticated']);
  });
});
