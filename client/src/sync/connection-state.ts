// The life of the one connection to a server, as a pure table: what happens in which state, and when to try again. It
// opens no socket and sets no timer.
import type { SyncError } from '@syncline/shared';
import { backoffMs } from './backoff.ts';

export type ConnectionState =
  /** Nothing has been opened yet. */
  | { readonly state: 'initial' }
  | { readonly state: 'connecting'; readonly attempt: number }
  /** The socket is open and the server has not answered the hello yet. */
  | { readonly state: 'greeting'; readonly attempt: number }
  | { readonly state: 'connected'; readonly server: ServerFacts }
  /** Tries again by itself. */
  | {
      readonly state: 'waiting';
      readonly attempt: number;
      readonly retryAtMs: number;
      readonly reason: LossReason;
    }
  /** The server will not have us: only the application can mend it. */
  | { readonly state: 'rejected'; readonly error: SyncError }
  | { readonly state: 'closed' };

export interface ServerFacts {
  /** 16 bytes that tell this server from others. */
  readonly replica: Uint8Array;
  /** 8 bytes, new whenever the server starts. */
  readonly epoch: Uint8Array;
  /** What `stored` survives: `full` a power cut, `normal` the end of the server's process. */
  readonly durability: 'full' | 'normal';
  readonly maxFrameBytes: number;
}

/** Why there is no connection at the moment. */
export type LossReason = 'unreachable' | 'silent' | 'closed' | 'token-failed' | 'token-expired' | 'refused';

export type ConnectionEvent =
  | { readonly event: 'start' }
  | { readonly event: 'opened' }
  | { readonly event: 'welcomed'; readonly server: ServerFacts }
  | {
      readonly event: 'refused';
      readonly error: SyncError;
      readonly nowMs: number;
      readonly fraction: number;
    }
  | { readonly event: 'lost'; readonly reason: LossReason; readonly nowMs: number; readonly fraction: number }
  | { readonly event: 'retry' }
  | { readonly event: 'stop' };

/** What follows an event. An event that a state has no use for changes nothing. */
export function nextConnection(state: ConnectionState, event: ConnectionEvent): ConnectionState {
  if (state.state === 'closed') return state;
  switch (event.event) {
    case 'start':
      return state.state === 'initial' || state.state === 'rejected'
        ? { state: 'connecting', attempt: 0 }
        : state;
    case 'opened':
      return state.state === 'connecting' ? { state: 'greeting', attempt: state.attempt } : state;
    case 'welcomed':
      return state.state === 'greeting' ? { state: 'connected', server: event.server } : state;
    case 'refused':
      return event.error.retry === 'never'
        ? { state: 'rejected', error: event.error }
        : lost(state, { ...event, reason: 'refused' });
    case 'lost':
      return lost(state, event);
    case 'retry':
      return state.state === 'waiting' ? { state: 'connecting', attempt: state.attempt } : state;
    case 'stop':
      return { state: 'closed' };
  }
}

function lost(
  state: ConnectionState,
  { reason, nowMs, fraction }: { reason: LossReason; nowMs: number; fraction: number },
): ConnectionState {
  if (state.state !== 'connecting' && state.state !== 'greeting' && state.state !== 'connected') return state;
  const attempt = state.state === 'connected' ? 0 : state.attempt;
  return { state: 'waiting', attempt: attempt + 1, retryAtMs: nowMs + backoffMs(attempt, fraction), reason };
}
