// What is kept of a document beside its content: how far servers have been heard, and what none of them has acknowledged.
import type { Platform } from '../sync/platform.ts';
import type { Restored, SyncedContent } from '../sync/synced-content.ts';
import type { Mark, Unsaved } from './store.ts';

export interface Saying {
  readonly mark: Mark;
  readonly unsaved: Unsaved;
  readonly isSaved: boolean;
}

interface About {
  readonly synced: SyncedContent;
  readonly platform: Platform;
  /** What this document is called in what is kept. */
  readonly tab: string;
  /** Whether others have said that something in it is unsaved, which stays until it is saved. */
  readonly isSaidByOthers: boolean;
}

export function sayingOf({ synced, platform, tab, isSaidByOthers }: About): Saying {
  const { resume, incarnation, pending, headSeen, mayLack } = synced.state;
  const counted = pending.reduce((sum, { edits }) => sum + edits, 0);
  // Something is unsaved of which it is not known how much.
  const isUnknown = counted === 0 && (pending.length > 0 || mayLack) && !isSaidByOthers;
  const oldestMs = Math.min(...pending.map(({ sinceMs }) => sinceMs), platform.now());
  const sinceMs = Math.round(platform.epochMs() - (platform.now() - oldestMs));
  return {
    mark: { resume: resume && { ...resume, headSeen }, incarnation: incarnation.held },
    unsaved: { tab, edits: isUnknown ? 1 : counted, sinceMs },
    isSaved: synced.isSaved,
  };
}

export function saysTheSame(one: Saying, other: Saying): boolean {
  const [a, b] = [one.mark, other.mark];
  return (
    one.isSaved === other.isSaved &&
    one.unsaved.edits === other.unsaved.edits &&
    a.incarnation === b.incarnation &&
    a.resume?.position === b.resume?.position &&
    // Another connection has other bytes for the same server, and may say once too often what is kept already.
    a.resume?.epoch === b.resume?.epoch
  );
}

/** What was typed before this page was there, as far as it was counted; undefined if all of it is acknowledged. */
export function earlierIn(unsaved: readonly Unsaved[], platform: Platform): Restored['earlier'] {
  if (unsaved.length === 0) return undefined;
  const agoMs = platform.epochMs() - Math.min(...unsaved.map(({ sinceMs }) => sinceMs));
  return {
    edits: unsaved.reduce((sum, { edits }) => sum + edits, 0),
    // A clock that was set back does not bring it into the future.
    sinceMs: platform.now() - Math.max(0, agoMs),
  };
}
