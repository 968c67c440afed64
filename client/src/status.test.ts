import { SyncError } from '@syncline/shared';
import { describe, expect, it } from 'vitest';
import { type DocumentStatus, statusOf } from './status.ts';
import type { ChannelState, Phase } from './sync/channel.ts';
import { newChannel } from './sync/channel-state.ts';
import { newBatch } from './sync/pending.ts';

const connection = { state: 'initial' } as const;
const subject = { channel: 1, document: 'notes', engine: 'yjs' } as const;

function status(changes: Partial<ChannelState>, isChanging = false): DocumentStatus {
  return statusOf(connection, { ...newChannel(subject, true), ...changes }, { isChanging });
}

const batch = (firstEdit: number, sinceMs: number, bytes: number) =>
  newBatch([new Uint8Array(bytes)], { number: firstEdit, firstEdit, edits: 2, sinceMs });

describe('[SDK6] the uploads of a status', () => {
  it('are saved when nothing is pending, nothing is in doubt and nothing is changing', () => {
    expect(status({}).uploads).toEqual({
      isSaved: true,
      isAllowed: true,
      edits: 0,
      bytes: 0,
      oldestMs: undefined,
      awaited: [],
    });
    expect(status({ mayLack: true }).uploads.isSaved).toBe(false);
    expect(status({ pending: [batch(1, 5, 7)] }).uploads.isSaved).toBe(false);
    expect(status({}, true).uploads.isSaved).toBe(false);
  });

  it('are not saved in a document that had content when it was opened', () => {
    expect(statusOf(connection, newChannel(subject, false)).uploads.isSaved).toBe(false);
  });

  it('count what is pending, and since when', () => {
    expect(status({ pending: [batch(1, 9, 7), batch(3, 5, 8)] }).uploads).toEqual({
      isSaved: false,
      isAllowed: true,
      edits: 4,
      bytes: 15,
      oldestMs: 5,
      awaited: [],
    });
  });
});

describe('[SDK6] the downloads of a status', () => {
  const error = new SyncError('unavailable');
  it.each<{ phase: Phase; downloads: DocumentStatus['downloads'] }>([
    { phase: { phase: 'detached' }, downloads: { state: 'waiting' } },
    { phase: { phase: 'opening' }, downloads: { state: 'waiting' } },
    {
      phase: { phase: 'catching-up', bytes: 9, received: 4 },
      downloads: { state: 'catching-up', bytes: 9, received: 4 },
    },
    { phase: { phase: 'live' }, downloads: { state: 'current' } },
    {
      phase: { phase: 'postponed', error, retryAtMs: 7 },
      downloads: { state: 'refused', error, retryAtMs: 7 },
    },
    { phase: { phase: 'refused', error }, downloads: { state: 'refused', error, retryAtMs: undefined } },
  ])('say what a document that is $phase.phase is to its readers', ({ phase, downloads }) => {
    expect(status({ phase }).downloads).toEqual(downloads);
  });
});
