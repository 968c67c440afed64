// How things stand, as three separate truths that products keep mixing up.
import type { SyncError } from '@syncline/shared';
import type { ChannelState } from './sync/channel-state.ts';
import type { ConnectionState } from './sync/connection-state.ts';

export interface DocumentStatus {
  /** Whether there is a server to talk to, and whether that can change by itself. */
  readonly connection: ConnectionState;
  /** Whether what was typed here is safe. */
  readonly uploads: Uploads;
  /** Whether what is seen here is current. */
  readonly downloads: Downloads;
}

export interface Uploads {
  /** Whether a server has said that everything in the document is on its disk. */
  readonly isSaved: boolean;
  /** Edits of which no server has said so. */
  readonly edits: number;
  readonly bytes: number;
  /** False where the document may be read alone: what is typed is kept here, and nowhere else. */
  readonly isAllowed: boolean;
  /** When the oldest of them was made, by the platform's clock. */
  readonly oldestMs: number | undefined;
  /** What the replicas are called that do not hold yet what a `saved({ tier: { replicas } })` waits for. */
  readonly awaited: readonly string[];
}

export type Downloads =
  /** There is no connection, or no answer yet. */
  | { readonly state: 'waiting' }
  /** `received` of at most about `bytes` have come. */
  | { readonly state: 'catching-up'; readonly bytes: number; readonly received: number }
  /** Everything that the server had when this connection asked has come, and what it commits comes at once. */
  | { readonly state: 'current' }
  /** The server refuses the document; with a time at which it is asked again, unless that is of no use. */
  | { readonly state: 'refused'; readonly error: SyncError; readonly retryAtMs: number | undefined };

/**
 * `isChanging` says that the document is in the midst of a change, of which its channel does not know yet; `awaited` for which
 * replicas somebody waits.
 */
export function statusOf(
  connection: ConnectionState,
  channel: ChannelState,
  { isChanging = false, awaited = [] }: { isChanging?: boolean; awaited?: readonly string[] } = {},
): DocumentStatus {
  const uploads = { ...uploadsOf(channel, isChanging), awaited };
  return { connection, uploads, downloads: downloadsOf(channel) };
}

function uploadsOf(
  { pending, mayLack, mayWrite }: ChannelState,
  isChanging: boolean,
): Omit<Uploads, 'awaited'> {
  const sum = (count: (batch: (typeof pending)[number]) => number): number =>
    pending.reduce((total, batch) => total + count(batch), 0);
  return {
    isSaved: pending.length === 0 && !mayLack && !isChanging,
    isAllowed: mayWrite,
    edits: sum(({ edits }) => edits),
    bytes: sum(({ bytes }) => bytes),
    oldestMs: pending.length === 0 ? undefined : Math.min(...pending.map(({ sinceMs }) => sinceMs)),
  };
}

function downloadsOf({ phase }: ChannelState): Downloads {
  switch (phase.phase) {
    case 'detached':
    case 'opening':
      return { state: 'waiting' };
    case 'catching-up':
      return { state: 'catching-up', bytes: phase.bytes, received: phase.received };
    case 'live':
      return { state: 'current' };
    case 'postponed':
      return { state: 'refused', error: phase.error, retryAtMs: phase.retryAtMs };
    case 'refused':
      return { state: 'refused', error: phase.error, retryAtMs: undefined };
  }
}
