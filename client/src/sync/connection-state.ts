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
  /** The server wants another token: `login` goes on with one. */
  | { readonly state: 'needs-token'; readonly why: TokenTrouble; readonly error: SyncError }
  /** The server will not have us, whatever the token: only another version of the application can mend it. */
  | { readonly state: 'rejected'; readonly error: SyncError }
  | { readonly state: 'closed' };

/** `denied` was never accepted, `expired` was until its time was over, `revoked` was accepted before and is no more. */
export type TokenTrouble = 'denied' | 'expired' | 'revoked';

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
      /** Whether the server has accepted the same token before. */
      readonly wasAccepted: boolean;
      /** Whether no other server is left to be asked. */
      readonly isLast: boolean;
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
      return state.state === 'initial' || isRefused(state) ? { state: 'connecting', attempt: 0 } : state;
    case 'opened':
      return state.state === 'connecting' ? { state: 'greeting', attempt: state.attempt } : state;
    case 'welcomed':
      return state.state === 'greeting' ? { state: 'connected', server: event.server } : state;
    case 'refused':
      return event.error.retry === 'never' && event.isLast
        ? refused(event)
        : lost(state, { ...event, reason: 'refused' });
    case 'lost':
      return lost(state, event);
    case 'retry':
      return state.state === 'waiting' ? { state: 'connecting', attempt: state.attempt } : state;
    case 'stop':
      return { state: 'closed' };
  }
}

/** Whether only the application can bring it on. */
export function isRefused(
  state: ConnectionState,
): state is Extract<ConnectionState, { state: 'needs-token' | 'rejected' }> {
  return state.state === 'needs-token' || state.state === 'rejected';
}

function refused({ error, wasAccepted }: { error: SyncError; wasAccepted: boolean }): ConnectionState {
  if (error.code === 'token_expired') return { state: 'needs-token', why: 'expired', error };
  if (error.code === 'unauthenticated')
    return { state: 'needs-token', why: wasAccepted ? 'revoked' : 'denied', error };
  return { state: 'rejected', error };
}

function lost(
  state: ConnectionState,
  { reason, nowMs, fraction }: { reason: LossReason; nowMs: number; fraction: number },
): ConnectionState {
  if (state.state !== 'connecting' && state.state !== 'greeting' && state.state !== 'connected') return state;
  const attempt = state.state === 'connected' ? 0 : state.attempt;
  return { state: 'waiting', attempt: attempt + 1, retryAtMs: nowMs + backoffMs(attempt, fraction), reason };
}
