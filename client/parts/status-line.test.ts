import { describe, expect, it } from 'vitest';
import { type ConnectionState, type DocumentStatus, LocalStoreError, SyncError } from '../src/index.ts';
import { lineOf, mayType, type Origins } from './status-line.ts';

const server = {
  replica: new Uint8Array(16),
  epoch: new Uint8Array(8),
  durability: 'full',
  maxFrameBytes: 1 << 20,
} as const;
const connected: ConnectionState = { state: 'connected', server };
const waiting: ConnectionState = { state: 'waiting', attempt: 1, retryAtMs: 0, reason: 'closed' };

function status(part: Partial<DocumentStatus>, edits = 0): DocumentStatus {
  const oldestMs = edits > 0 ? 0 : undefined;
  const uploads = { isSaved: edits === 0, isAllowed: true, edits, bytes: edits, oldestMs, awaited: [] };
  return {
    connection: connected,
    downloads: { state: 'current' },
    local: { state: 'memory' },
    uploads,
    ...part,
  };
}

const says = (part: Partial<DocumentStatus>, edits = 0, origins: Origins = { hasLoaded: true }): string =>
  lineOf(status(part, edits), origins).text;

describe('[DEM2] the status line', () => {
  it.each<[string, Partial<DocumentStatus>, number]>([
    ['Connecting', { connection: { state: 'connecting', attempt: 0 }, downloads: { state: 'waiting' } }, 0],
    ['Connecting: 1 change kept here', { downloads: { state: 'waiting' } }, 1],
    ['Offline: 12 changes kept here', { connection: waiting, downloads: { state: 'waiting' } }, 12],
    ['Offline: all changes are saved', { connection: waiting, downloads: { state: 'waiting' } }, 0],
    ['Saving', {}, 1],
    ['Saving', { downloads: { state: 'catching-up', bytes: 10, received: 0 } }, 1],
    ['Loading: 40 %', { downloads: { state: 'catching-up', bytes: 10, received: 4 } }, 0],
    ['Loading: 99 %', { downloads: { state: 'catching-up', bytes: 10, received: 11 } }, 0],
    ['Loading', { downloads: { state: 'catching-up', bytes: 0, received: 0 } }, 0],
    ['Saved on disk', {}, 0],
  ])('says "%s"', (text, part, edits) => {
    expect(says(part, edits)).toBe(text);
  });

  it('stays offline through every further attempt', () => {
    for (const state of ['connecting', 'greeting'] as const) {
      expect(says({ connection: { state, attempt: 2 }, downloads: { state: 'waiting' } }, 3)).toBe(
        'Offline: 3 changes kept here',
      );
    }
  });

  it('does not call saved what the server may lack, whether or not it can be counted', () => {
    const uploads = { isSaved: false, isAllowed: true, edits: 0, bytes: 0, oldestMs: undefined, awaited: [] };
    expect(says({ uploads })).toBe('Saving');
    expect(says({ uploads, connection: waiting })).toBe('Offline: changes kept here');
  });

  it('does not call an empty page the document while nothing of it has come', () => {
    expect(says({ connection: waiting, downloads: { state: 'waiting' } }, 0, { hasLoaded: false })).toBe(
      'Offline: the document has not come yet',
    );
  });

  it('says what a server that does not wait for its disk can promise', () => {
    const connection: ConnectionState = { ...connected, server: { ...server, durability: 'normal' } };
    expect(says({ connection })).toBe('Saved, though a power cut could still undo it');
  });
});

describe('[DEM14] of what is kept on this device', () => {
  const offline = { connection: waiting, downloads: { state: 'waiting' } } as const;
  const kept = (isWritten: boolean) => ({ ...offline, local: { state: 'kept', isWritten } }) as const;
  const failed = { state: 'failed', error: new LocalStoreError('full', '') } as const;

  it.each<[string, Partial<DocumentStatus>, number]>([
    ['Offline: 1 change kept on this device', kept(true), 1],
    ['Offline: 3 changes kept on this device', kept(true), 3],
    ['Offline: 3 changes kept here', kept(false), 3],
    ['Offline: 3 changes in this window alone', { ...offline, local: failed }, 3],
    ['Offline: all changes are saved', kept(true), 0],
    ['Connecting: 2 changes kept on this device', { ...kept(true), connection: { state: 'initial' } }, 2],
  ])('the status line says "%s"', (text, part, edits) => {
    expect(says(part, edits)).toBe(text);
  });

  it('says that a document is shown as it was kept, where nothing has come yet', () => {
    expect(says(kept(true), 0, { hasLoaded: false, wasKept: true })).toBe('Offline: as this device has it');
    expect(says(kept(true), 0, { hasLoaded: false, wasKept: false })).toBe(
      'Offline: the document has not come yet',
    );
  });

  it('says with each line whether it counts what is on the device, or soon will be', () => {
    const keptIn = (part: Partial<DocumentStatus>, edits: number) =>
      lineOf(status(part, edits), { hasLoaded: true }).kept;
    expect(keptIn(kept(true), 1)).toBe('on-device');
    expect(keptIn(kept(false), 1)).toBe('soon');
    expect(keptIn(kept(true), 0)).toBeUndefined();
    expect(keptIn({ ...offline, local: failed }, 1)).toBeUndefined();
  });
});

describe('[DEM3] a refusal', () => {
  const error = new SyncError('forbidden');

  it('is said in words, with what is not saved, and can be tried again', () => {
    const refusal = { state: 'refused', error, retryAtMs: undefined } as const;
    expect(lineOf(status({ downloads: refusal }, 2), { hasLoaded: true })).toEqual({
      is: 'refused',
      text: 'You may not open this document. Not saved: 2 changes kept here.',
      retry: 'Retry',
    });
    expect(lineOf(status({ connection: { state: 'rejected', error } }), { hasLoaded: true })).toEqual({
      is: 'refused',
      text: 'You may not open this document.',
      retry: 'Retry',
    });
  });

  it('that is tried again by itself is not for good', () => {
    const downloads = { state: 'refused', error: new SyncError('unavailable'), retryAtMs: 1 } as const;
    expect(lineOf(status({ downloads }), { hasLoaded: true })).toMatchObject({
      is: 'offline',
      retry: 'Try now',
    });
  });

  it('of what is typed alone says that it is read only', () => {
    const uploads = { isSaved: false, isAllowed: false, edits: 1, bytes: 1, oldestMs: 0, awaited: [] };
    expect(lineOf(status({ uploads }), { hasLoaded: true })).toEqual({
      is: 'reading',
      text: 'Read only: you may not change this document. Not saved: 1 change kept here.',
    });
    expect(mayType(status({ uploads }))).toBe(false);
  });

  it('of a name says what is wrong with it', () => {
    const reason = new SyncError('bad_document_name', 'it is empty');
    expect(says({ connection: { state: 'rejected', error: reason } })).toBe(
      'No document can have this name: it is empty.',
    );
  });
});
