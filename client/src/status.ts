// How a document stands, as separate truths that products keep mixing up.
import type { SyncError } from '@syncline/shared';
import type { LocalStatus } from './local/local-document.ts';
import type { ChannelState } from './sync/channel.ts';
import type { ConnectionState } from './sync/connection-state.ts';

export interface DocumentStatus {
  /** Whether there is a server to talk to, and whether that can change by itself. */
  readonly connection: ConnectionState;
  /** Whether what was typed here is safe. */
  readonly uploads: Uploads;
  /** Whether what is seen here is current. */
  readonly downloads: Downloads;
  /** Whether it is kept on this device as well. */
  readonly local: LocalStatus;
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

/** What a status tells beside what its connection and channel know. */
interface Beside {
  /** Whether the document is in the midst of a change, of which its channel does not know yet. */
  readonly isChanging?: boolean;
  /** For which replicas somebody waits. */
  readonly awaited?: readonly string[];
  readonly local?: LocalStatus;
}

export function statusOf(
  connection: ConnectionState,
  channel: ChannelState,
  { isChanging = false, awaited = [], local = { state: 'memory' } }: Beside = {},
): DocumentStatus {
  const { isSaved, ...counted } = uploadsOf(channel, isChanging);
  // What is kept on this device, and has not been read yet, may be what no server has.
  const uploads = { ...counted, isSaved: isSaved && local.state !== 'loading', awaited };
  return { connection, uploads, downloads: downloadsOf(channel), local };
}

function uploadsOf(
  { pending, mayLack, mayWrite, earlier }: ChannelState,
  isChanging: boolean,
): Omit<Uploads, 'awaited'> {
  const sum = (count: (batch: (typeof pending)[number]) => number): number =>
    pending.reduce((total, batch) => total + count(batch), 0);
  return {
    isSaved: pending.length === 0 && !mayLack && !isChanging,
    isAllowed: mayWrite,
    edits: sum(({ edits }) => edits) + (earlier?.edits ?? 0),
    bytes: sum(({ bytes }) => bytes),
    oldestMs: oldest([...pending, ...(earlier ? [earlier] : [])]),
  };
}

function oldest(unsaved: readonly { readonly sinceMs: number }[]): number | undefined {
  return unsaved.length === 0 ? undefined : Math.min(...unsaved.map(({ sinceMs }) => sinceMs));
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
