import { SyncError } from '@syncline/shared';
import { encodeCbor } from '@syncline/shared/cbor/writer.ts';
import { Encoder } from 'cbor-x';
import { expect, it } from 'vitest';
import { FrameHead } from './frame-head.ts';
import { errorFrame, peerFrame, readRepoMessage, unavailableFrame } from './repo-message.ts';

/** That of stock clients. */
const stock = new Encoder({ tagUint8Array: false, useRecords: false });
const ends = { senderId: 'server', targetId: 'alice' };
const data = Uint8Array.of(0x42, 0, 0);

function hex(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'hex'));
}

it('[ARP1] reads the join of a stock client', () => {
  const join = hex(
    'b900046474797065646a6f696e6873656e646572496465616c6963656c706565724d65746164617461b900026973746f726167654964f76b6973457068656d6572616cf57819737570706f7274656450726f746f636f6c56657273696f6e73816131',
  );
  expect(readRepoMessage(join)).toEqual({ type: 'join', senderId: 'alice', versions: ['1'] });
  expect(readRepoMessage(encodeCbor({ type: 'join', senderId: 'alice' }))).toEqual({
    type: 'join',
    senderId: 'alice',
    versions: undefined,
  });
});

it.each(['sync', 'request'] as const)('[ARP1] reads a %s, whatever else is in it', (type) => {
  const message = { type, targetId: 'server', documentId: 'doc', data, senderId: 'alice' };
  const read = { type, senderId: 'alice', documentId: 'doc', data };
  expect(readRepoMessage(stock.encode(message))).toEqual(read);
  const more = {
    ...message,
    remove: undefined,
    nothing: null,
    deep: { a: [1, -1, 2.5, new Date(0), true, [[]]] },
  };
  expect(readRepoMessage(stock.encode(more))).toEqual(read);
  // Tagged as typed arrays are by other encoders, and in a map without a length.
  expect(readRepoMessage(new Encoder({ useRecords: false }).encode(message))).toEqual(read);
  const open = Uint8Array.of(0xbf, ...stock.encode(message).subarray(3), 0xff);
  expect(readRepoMessage(open)).toEqual(read);
});

it('[ARP1] reads an ephemeral message with its count in either notation', () => {
  const message = {
    type: 'ephemeral',
    targetId: 't',
    documentId: 'doc',
    data,
    count: 3,
    sessionId: 's',
    senderId: 'a',
  };
  const read = { type: 'ephemeral', senderId: 'a', documentId: 'doc', sessionId: 's', count: 3, data };
  expect(readRepoMessage(stock.encode(message))).toEqual(read);
  const [before, after] = split(stock.encode(message), stock.encode(3), stock.encode('count'));
  const float = Uint8Array.of(0xfb, 0x40, 0x08, 0, 0, 0, 0, 0, 0);
  expect(readRepoMessage(Uint8Array.of(...before, ...float, ...after))).toEqual(read);
});

it('[ARP1] takes no notice of gossip, and of types that are not known', () => {
  const heads = { st: { heads: ['h'], timestamp: Date.now() } };
  for (const message of [
    { type: 'remote-heads-changed', senderId: 'a', targetId: 'b', documentId: 'd', newHeads: heads },
    { type: 'remote-subscription-change', senderId: 'a', targetId: 'b', add: ['x'], remove: undefined },
    { type: 'doc-unavailable', senderId: 'a', targetId: 'b', documentId: 'd' },
    { type: 'of a later version' },
  ])
    expect(readRepoMessage(stock.encode(message))).toEqual({ type: 'other' });
});

const sync = { type: 'sync', senderId: 'alice', targetId: 'server', documentId: 'doc', data };

it.each<[string, Uint8Array]>([
  ['nothing', new Uint8Array(0)],
  ['no map', stock.encode([1, 2])],
  ['bytes behind it', Uint8Array.of(...stock.encode(sync), 0)],
  ['an id that is a number', stock.encode({ ...sync, documentId: 7 })],
  ['an id that is empty', stock.encode({ ...sync, senderId: '' })],
  ['an id without end', stock.encode({ ...sync, senderId: 'a'.repeat(1000) })],
  ['data that is null', stock.encode({ ...sync, data: null })],
  ['a count that is negative', stock.encode({ ...sync, type: 'ephemeral', sessionId: 's', count: -1 })],
  ['a text that is not UTF-8', Uint8Array.of(0xa1, 0x62, 0xff, 0xff, 0)],
  ['an array of more than there is', Uint8Array.of(0xa1, 0x61, 0x61, 0x9a, 0xff, 0xff, 0xff, 0xff)],
  ['a text of more than there is', Uint8Array.of(0xa1, 0x7b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff)],
  ['nothing but depth', Uint8Array.of(0xa1, 0x61, 0x61, ...Array.from({ length: 100_000 }, () => 0x81), 0)],
])('[ARP2] refuses %s', (_, frame) => {
  expect(() => readRepoMessage(frame)).toThrow(SyncError);
});

it('[ARP2] a frame that is cut off anywhere, or has a bit turned, is read or refused', () => {
  const frame = stock.encode(sync);
  for (let end = 0; end < frame.length; end++)
    expect(() => readRepoMessage(frame.subarray(0, end))).toThrow(SyncError);
  const outcomes = new Set<unknown>();
  for (let bit = 0; bit < frame.length * 8; bit++) {
    const turned = Uint8Array.from(frame);
    turned[bit >> 3]! ^= 1 << (bit & 7);
    outcomes.add(outcomeOf(turned));
  }
  expect(outcomes).toEqual(new Set(['read', 'bad_frame']));
});

it('[ARP1] writes what the encoder of stock clients writes', () => {
  const peerMetadata = { storageId: 'st', isEphemeral: false };
  expect(peerFrame(ends, 'st')).toEqual(
    bytes({
      type: 'peer',
      senderId: 'server',
      peerMetadata,
      selectedProtocolVersion: '1',
      targetId: 'alice',
    }),
  );
  expect(errorFrame(ends, 'no ☃')).toEqual(
    bytes({ type: 'error', senderId: 'server', message: 'no ☃', targetId: 'alice' }),
  );
  expect(unavailableFrame(ends, 'doc')).toEqual(
    bytes({ type: 'doc-unavailable', documentId: 'doc', targetId: 'alice', senderId: 'server' }),
  );
  for (const length of [0, 23, 24, 255, 256, 65_535, 65_536]) {
    const body = new Uint8Array(length).fill(7);
    const frame = new FrameHead({ type: 'sync', ...ends, documentId: 'd' }, 'data').before(length);
    frame.set(body, frame.length - length);
    expect(frame).toEqual(bytes({ type: 'sync', ...ends, documentId: 'd', data: body }));
  }
  for (const count of [0, 23, 24, 255, 256, 65_535, 65_536, 2 ** 32 - 1, 2 ** 40, 1.5])
    expect(encodeCbor({ count })).toEqual(bytes({ count }));
});

function bytes(value: unknown): Uint8Array {
  return Uint8Array.from(stock.encode(value));
}

/** What is before and behind the value of a key. */
function split(frame: Uint8Array, value: Uint8Array, key: Uint8Array): [Uint8Array, Uint8Array] {
  const at = Buffer.from(frame).indexOf(key) + key.length;
  return [frame.subarray(0, at), frame.subarray(at + value.length)];
}

function outcomeOf(frame: Uint8Array): unknown {
  try {
    readRepoMessage(frame);
    return 'read';
  } catch (error) {
    return error instanceof SyncError ? error.code : error;
  }
}
