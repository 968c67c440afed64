// How a client stands: its documents' truths taken together, and what is true of the device and the tab.
import type { Durability } from './local/keeper.ts';
import type { TabRole } from './local/tabs.ts';
import type { DocumentStatus } from './status.ts';
import type { ConnectionState } from './sync/connection-state.ts';

export interface ClientStatus {
  /** Whether there is a server to talk to, and whether that can change by itself. */
  readonly connection: ConnectionState;
  /** Whether everything that was typed here is safe. */
  readonly uploads: AllUploads;
  /** Whether everything that is open is current. */
  readonly downloads: AllDownloads;
  /** Whether what is typed survives the end of this page or process, server or not. */
  readonly durability: Durability;
  /** Whether this tab has the socket, or has one through another tab. */
  readonly role: TabRole;
}

export interface AllUploads {
  /** Whether a server has said of everything in all documents that it is on its disk. */
  readonly isSaved: boolean;
  /** Whether everything that is not saved so is kept on this device: closing the page loses nothing. */
  readonly isKept: boolean;
  /** How many documents hold something that no server has acknowledged. */
  readonly documents: number;
  /** Edits of which none has. */
  readonly edits: number;
  readonly bytes: number;
  /** When the oldest of them was made, by the platform's clock. */
  readonly oldestMs: number | undefined;
}

export interface AllDownloads {
  /** How many documents are open, and how many of those are current. */
  readonly documents: number;
  readonly current: number;
}

function isKept({ local }: DocumentStatus): boolean {
  // What is unsaved in one that is being read is on the device already, but for what is typed meanwhile.
  return (local.state === 'kept' || local.state === 'loading') && local.isWritten;
}

/** What of it is its documents'. */
export type StatusOfAll = Pick<ClientStatus, 'uploads' | 'downloads'>;

/** `open` are the documents that somebody has open, `leaving` those that are only there until they are saved. */
export function allOf(open: readonly DocumentStatus[], leaving: readonly DocumentStatus[]): StatusOfAll {
  const unsaved = [...open, ...leaving].filter(({ uploads }) => !uploads.isSaved);
  const times = unsaved.flatMap(({ uploads }) => uploads.oldestMs ?? []);
  return {
    uploads: {
      isSaved: unsaved.length === 0,
      isKept: unsaved.every(isKept),
      documents: unsaved.length,
      edits: unsaved.reduce((sum, { uploads }) => sum + uploads.edits, 0),
      bytes: unsaved.reduce((sum, { uploads }) => sum + uploads.bytes, 0),
      oldestMs: times.length === 0 ? undefined : Math.min(...times),
    },
    downloads: {
      documents: open.length,
      current: open.filter(({ downloads }) => downloads.state === 'current').length,
    },
  };
}
