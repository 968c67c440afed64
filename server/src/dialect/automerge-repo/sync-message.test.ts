import * as A from '@automerge/automerge';
import { SyncError } from '@syncline/shared';
import { expect, it } from 'vitest';
import { BloomFilter } from './bloom.ts';
import { decodeSyncMessage, encodeSyncMessage, type Said } from './sync-message.ts';

type Doc = A.Doc<{ n: number }>;

const nothing: Said = { heads: [], need: [], have: [], changes: [], isVersion2: false, trailer: 'none' };

function hex(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'hex'));
}

function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

function edited(from: Doc, edits: number): Doc {
  let doc = from;
  for (let n = 0; n < edits; n++) doc = A.change(doc, (d) => void (d.n = n));
  return doc;
}

function bytesOf(bloom: BloomFilter): string {
  const bytes = new Uint8Array(bloom.size);
  bloom.write(bytes, 0);
  return toHex(bytes);
}

function hashesOf(doc: Doc): Uint8Array[] {
  return A.getAllChanges(doc).map((change) => hex(A.decodeChange(change).hash));
}

it('[ARP3] reads the first message of a client that has nothing, with and without writing', () => {
  const empty = { heads: [], need: [], have: [{ lastSync: [], bloom: BloomFilter.of([]) }], changes: [] };
  const flags = { isReset: false, isReadOnly: false };
  expect(decodeSyncMessage(hex('42000001000000020284'))).toEqual({ ...empty, flags });
  expect(decodeSyncMessage(hex('42000001000000020286'))).toEqual({
    ...empty,
    flags: { ...flags, isReadOnly: true },
  });
  expect(decodeSyncMessage(hex('42000001000000'))).toEqual({ ...empty, flags: undefined });
  const message = A.generateSyncMessage(A.init(), A.initSyncState())[1]!;
  expect(toHex(message)).toBe('42000001000000020284');
});

it('[ARP3] writes those messages', () => {
  const have = [{ lastSync: [], bloom: BloomFilter.of([]) }];
  expect(toHex(encodeSyncMessage({ ...nothing, have }))).toBe('42000001000000');
  expect(toHex(encodeSyncMessage({ ...nothing, have, trailer: 'takes nothing' }))).toBe(
    '42000001000000020286',
  );
});

it('[ARP3] reads what Automerge writes and writes what it writes, changes and filters included', () => {
  let ours: Doc = edited(A.from({ n: 0 }), 3);
  let theirs: Doc = edited(A.clone(ours), 40);
  ours = edited(ours, 30);
  let [ourState, theirState] = [A.initSyncState(), A.initSyncState()];
  let messages = 0;
  for (let isOver = false; !isOver; messages++) {
    let message: Uint8Array | null;
    [ourState, message] = A.generateSyncMessage(ours, ourState);
    if (message) [theirs, theirState] = A.receiveSyncMessage(theirs, theirState, same(message));
    isOver = message === null;
    [theirState, message] = A.generateSyncMessage(theirs, theirState);
    if (message) [ours, ourState] = A.receiveSyncMessage(ours, ourState, same(message));
    isOver &&= message === null;
  }
  expect(messages).toBeGreaterThan(1);
  expect(A.getHeads(ours)).toEqual(A.getHeads(theirs));
});

/** A message of Automerge's, through our codec and back. */
function same(message: Uint8Array): Uint8Array {
  const { heads, need, have, changes, flags } = decodeSyncMessage(message);
  const isVersion2 = message[0] === 0x43;
  const trailer = flags ? 'takes documents' : 'none';
  const ours = encodeSyncMessage({ heads, need, have, changes, isVersion2, trailer });
  expect(toHex(ours)).toBe(toHex(message));
  return message;
}

it.each([1, 2, 10, 1_000])('[ARP3] its filter of %i changes has the bits of Automerge', (count) => {
  const doc = edited(A.from({ n: 0 }), count - 1);
  const { have } = decodeSyncMessage(A.generateSyncMessage(doc, A.initSyncState())[1]!);
  const hashes = hashesOf(doc);
  expect(bytesOf(BloomFilter.of(hashes))).toBe(bytesOf(have[0]!.bloom));
  expect(hashes.every((hash) => have[0]!.bloom.has(hash))).toBe(true);
  const others = hashesOf(edited(A.from({ n: 1 }), 999));
  expect(others.filter((hash) => have[0]!.bloom.has(hash)).length).toBeLessThan(100);
});

it('[ARP3] reads the flags of old clients and of new ones', () => {
  const message = '42000000 00'.replaceAll(' ', '');
  const read = (trailer: string) => decodeSyncMessage(hex(message + trailer)).flags;
  expect(read('020102')).toEqual({ isReset: false, isReadOnly: false });
  expect(read('0102')).toEqual({ isReset: false, isReadOnly: false });
  expect(read('020287')).toEqual({ isReset: true, isReadOnly: true });
});

it.each<[string, string]>([
  ['nothing', ''],
  ['another kind', '41000000'],
  ['more heads than there are', '42ff01'],
  ['more heads than anybody has', `42904e${'00'.repeat(100)}`],
  ['a filter that is too short', '420000010003020a07'],
  ['a filter without probes', '420000010005010a00ffff'],
  ['a filter with probes without end', '42000001000a010affffffff0fffffff'],
  ['a filter of no bits', '4200000100030100070000'],
  ['a number without end', `42${'ff'.repeat(20)}`],
  ['more changes than there are', '42000000ffffffff0f'],
])('[ARP4] refuses %s', (_, message) => {
  expect(() => decodeSyncMessage(hex(message))).toThrow(SyncError);
});

it('[ARP4] a message that is cut off, or has a bit turned, is read or refused', () => {
  const doc = edited(A.from({ n: 0 }), 20);
  const state = A.receiveSyncMessage(doc, A.initSyncState(), hex('42000001000000'))[1];
  const message = A.generateSyncMessage(doc, state)[1]!;
  for (let end = 0; end < message.length - 3; end++)
    expect(() => decodeSyncMessage(message.subarray(0, end))).toThrow(SyncError);
  const outcomes = new Set<unknown>();
  for (let bit = 0; bit < Math.min(message.length, 400) * 8; bit++) {
    const turned = Uint8Array.from(message);
    turned[bit >> 3]! ^= 1 << (bit & 7);
    outcomes.add(outcomeOf(turned));
  }
  expect(outcomes).toEqual(new Set(['read', 'bad_frame']));
});

function outcomeOf(bytes: Uint8Array): unknown {
  try {
    decodeSyncMessage(bytes);
    return 'read';
  } catch (error) {
    return error instanceof SyncError ? error.code : error;
  }
}
