import { upCodec } from '@syncline/shared';
import { describe, expect, it } from 'vitest';
import { type ClientStatus, LocalStoreError, SyncError } from '../../src/index.ts';
import { factsOf } from './facts.ts';
import { FrameLog, FrameReader, maxFrames } from './frame-log.ts';
import { History, plainOf, recordingOf } from './recording.ts';

const server = {
  replica: new Uint8Array(16).fill(171),
  epoch: new Uint8Array(8),
  durability: 'full',
  maxFrameBytes: 1 << 20,
} as const;
const status: ClientStatus = {
  connection: { state: 'connected', server },
  uploads: { isSaved: false, isKept: true, documents: 1, edits: 3, bytes: 41, oldestMs: 1_000 },
  downloads: { documents: 2, current: 1 },
  durability: { state: 'evictable' },
  role: 'leader',
};
const plain = (words: string): string => words.replaceAll('\u00a0', ' ');
const text = (name: string, part: Partial<ClientStatus> = {}): string =>
  plain(factsOf({ ...status, ...part }, undefined, 13_000).find((fact) => fact.name === name)!.text);

describe('[DEM15] what the client knows', () => {
  it('is told in words, a row for each truth', () => {
    expect(factsOf(status, undefined, 13_000).map((fact) => `${fact.name}: ${plain(fact.text)}`)).toEqual([
      'Connection: connected to abababab',
      'This window: connects for all tabs of this browser',
      'Not on the server: 3 changes, 41 bytes, for 12 s; all on this device',
      'Up to date: 1 of 2 documents',
      'Kept on this device: yes, until the browser needs the space',
      'This document: not open',
    ]);
  });

  it('says when it tries again, and why it cannot', () => {
    const connection = { state: 'waiting', attempt: 2, retryAtMs: 18_000, reason: 'unreachable' } as const;
    expect(text('Connection', { connection })).toBe('none: the server cannot be reached; tries again in 5 s');
    expect(text('Connection', { connection: { state: 'connecting', attempt: 2 } })).toBe(
      'connecting, attempt 3',
    );
    const error = new LocalStoreError('full', 'QuotaExceededError');
    expect(text('Kept on this device', { durability: { state: 'failed', error, retryAtMs: 13_100 } })).toBe(
      'no: it has no space left for it; tries again now',
    );
  });

  it('is exported without anything that was typed, and without a token', () => {
    const log = new FrameLog();
    const reader = new FrameReader();
    for (const frame of [
      upCodec.encode({ say: 'hello', lowestVersion: 1, highestVersion: 1, token: 'SECRET' }),
      upCodec.encode({
        say: 'open',
        channel: 1,
        document: 'notes',
        engine: 'yjs',
        incarnation: 0,
        resume: undefined,
      }),
      upCodec.encode({ say: 'updates', channel: 1, batch: 1, updates: [new TextEncoder().encode('SECRET')] }),
      new Uint8Array([255, 255]),
    ]) {
      log.add({
        atMs: 0,
        direction: 'sent',
        ...reader.read('sent', frame),
        bytes: frame.length,
        isLost: false,
      });
    }
    const history = new History();
    const switches = { isOffline: false, isSlow: false, isLossy: false };
    const refused = {
      ...status,
      connection: { state: 'rejected', error: new SyncError('forbidden', 'SECRET') },
    } as const;
    for (const client of [plainOf(status), plainOf(status), plainOf(refused)])
      history.add({ atMs: 0, clockMs: 0, switches, client, document: undefined });

    const recording = recordingOf(history.standings, log.frames);
    expect(recording).not.toContain('SECRET');
    const { standings, frames } = JSON.parse(recording) as {
      standings: { client: ClientStatus }[];
      frames: { kind: string; document?: string; bytes: number }[];
    };
    expect(standings.map(({ client }) => client.connection)).toEqual([
      { state: 'connected', server: { ...server, replica: 'ab'.repeat(16), epoch: '00'.repeat(8) } },
      { state: 'rejected', error: { code: 'forbidden' } },
    ]);
    expect(frames.map(({ kind, document }) => [kind, document])).toEqual([
      ['hello', undefined],
      ['open', 'notes'],
      ['updates', 'notes'],
      ['unreadable', undefined],
    ]);
  });

  it('is bounded', () => {
    const log = new FrameLog();
    for (let bytes = 0; bytes < maxFrames + 10; bytes++)
      log.add({ atMs: 0, direction: 'sent', kind: 'ping', document: undefined, bytes, isLost: false });
    expect(log.frames).toHaveLength(maxFrames);
    expect(log.frames[0]!.bytes).toBe(10);
  });
});
