import { SyncError } from '@syncline/shared';
import { describe, expect, it } from 'vitest';
import { maxBackoffMs } from './backoff.ts';
import {
  type ConnectionEvent,
  type ConnectionState,
  nextConnection,
  type ServerFacts,
} from './connection-state.ts';

const server: ServerFacts = {
  replica: new Uint8Array(16),
  epoch: new Uint8Array(8),
  durability: 'full',
  maxFrameBytes: 1_000,
};
const lost = (fraction: number, nowMs = 0): ConnectionEvent => ({
  event: 'lost',
  reason: 'closed',
  nowMs,
  fraction,
});

function after(...events: ConnectionEvent[]): ConnectionState {
  return events.reduce(nextConnection, { state: 'initial' });
}

describe('a connection', () => {
  it('[SDK4] that fails again and again is tried within twice as long each time, up to a bound', () => {
    let state = after({ event: 'start' });
    const pauses: number[] = [];
    for (let attempt = 0; attempt < 10; attempt++) {
      state = nextConnection(state, lost(0.999_999));
      if (state.state !== 'waiting') throw new Error('it does not wait');
      pauses.push(Math.round(state.retryAtMs));
      state = nextConnection(state, { event: 'retry' });
    }
    expect(pauses.slice(0, 4)).toEqual([500, 1_000, 2_000, 4_000]);
    expect(Math.max(...pauses)).toBe(maxBackoffMs);
  });

  it('[SDK4] is tried again at any moment of its pause: full jitter', () => {
    expect(after({ event: 'start' }, lost(0, 7))).toMatchObject({ state: 'waiting', retryAtMs: 7 });
    expect(after({ event: 'start' }, lost(0.5, 7))).toMatchObject({ state: 'waiting', retryAtMs: 257 });
  });

  it('[SDK4] that was there is tried again soon, however often it failed before', () => {
    const state = after(
      { event: 'start' },
      lost(0.5),
      { event: 'retry' },
      lost(0.5),
      { event: 'retry' },
      { event: 'opened' },
      { event: 'welcomed', server },
      lost(1),
    );
    expect(state).toMatchObject({ state: 'waiting', attempt: 1, retryAtMs: 500 });
  });

  it('[SDK4] that was rejected for good waits for the application', () => {
    const error = new SyncError('forbidden');
    const rejected = after(
      { event: 'start' },
      { event: 'refused', error, wasAccepted: false, isLast: true, nowMs: 0, fraction: 0 },
    );
    expect(rejected).toEqual({ state: 'rejected', error });
    expect(nextConnection(rejected, { event: 'retry' })).toBe(rejected);
    expect(nextConnection(rejected, lost(0))).toBe(rejected);
    expect(nextConnection(rejected, { event: 'start' })).toEqual({ state: 'connecting', attempt: 0 });
  });

  it.each([
    ['unauthenticated', false, 'denied'],
    ['unauthenticated', true, 'revoked'],
    ['token_expired', true, 'expired'],
  ] as const)('[SDK22] that was refused as %s waits for another token', (code, wasAccepted, why) => {
    const error = new SyncError(code);
    const refused = { event: 'refused', error, wasAccepted, isLast: true, nowMs: 0, fraction: 0 } as const;
    const state = after({ event: 'start' }, refused);
    expect(state).toEqual({ state: 'needs-token', why, error });
    expect(nextConnection(state, { event: 'retry' })).toBe(state);
    expect(nextConnection(state, { event: 'start' })).toEqual({ state: 'connecting', attempt: 0 });
  });

  it('[SDK4] that was refused for a while is tried again by itself', () => {
    const error = new SyncError('going_away');
    const state = after(
      { event: 'start' },
      { event: 'refused', error, wasAccepted: false, isLast: true, nowMs: 0, fraction: 0.5 },
    );
    expect(state).toMatchObject({ state: 'waiting', reason: 'refused' });
  });

  it('[SDK28] that one address refuses for good goes on with the next, and is rejected by the last', () => {
    const error = new SyncError('unsupported_version');
    const refused = { event: 'refused', error, wasAccepted: false, nowMs: 0, fraction: 0.5 } as const;
    const state = after({ event: 'start' }, { ...refused, isLast: false });
    expect(state).toMatchObject({ state: 'waiting', reason: 'refused', attempt: 1 });
    const last = nextConnection(nextConnection(state, { event: 'retry' }), { ...refused, isLast: true });
    expect(last).toEqual({ state: 'rejected', error });
  });

  it('[SDK8] that was closed stays so', () => {
    const closed = after({ event: 'start' }, { event: 'stop' });
    for (const event of [{ event: 'start' }, lost(0), { event: 'retry' }, { event: 'opened' }] as const) {
      expect(nextConnection(closed, event)).toBe(closed);
    }
  });
});
