import { deflateRawSync } from 'node:zlib';
import * as Automerge from '@automerge/automerge';
import { SyncError } from '@syncline/shared';
import { expect, it } from 'vitest';
import { changeType, deflatedType } from '@syncline/shared/automerge/chunk.ts';
import { parseChanges } from './change.ts';
import { hashOf } from './chunk.ts';

type Note = { text: string };

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const magic = [0x85, 0x6f, 0x4a, 0x83];

/** A document of two people, with a merge; gives its changes. */
function written(): Automerge.Change[] {
  let first = Automerge.from<Note>({ text: 'A beginning' });
  let second = Automerge.clone(first);
  first = Automerge.change(first, { message: 'Grüße', time: -1 }, (note) => {
    Automerge.splice(note, ['text'], 0, 0, 'x'.repeat(1_000));
  });
  second = Automerge.change(second, (note) => Automerge.splice(note, ['text'], 2, 3));
  first = Automerge.merge(first, second);
  first = Automerge.change(first, (note) => Automerge.splice(note, ['text'], 1, 0, '🙂'));
  return Automerge.getAllChanges(first);
}

function chunk(type: number, body: Uint8Array, checksum: Uint8Array): Uint8Array {
  expect(body.length).toBeLessThan(128);
  return Uint8Array.from([...magic, ...checksum.subarray(0, 4), type, body.length, ...body]);
}

/** A chunk with the checksum that it should have. */
function signed(type: number, body: Uint8Array): Uint8Array {
  return chunk(type, body, hashOf(Uint8Array.from([type, body.length, ...body])));
}

function refusal(update: Uint8Array): SyncError {
  try {
    parseChanges(update);
  } catch (error) {
    if (error instanceof SyncError) return error;
    throw error;
  }
  throw new Error('it was not refused');
}

it('[AUT1] reads of a change what Automerge reads, wherever it is in an update', () => {
  const changes = written();
  const update = Buffer.concat([Buffer.from('in front'), ...changes]).subarray(8);
  const parsed = parseChanges(update);
  expect(parsed.map(({ start, end }) => hex(update.subarray(start, end)))).toEqual(changes.map(hex));
  const decoded = changes.map((change) => Automerge.decodeChange(change));
  expect(parsed.map(({ hash }) => hex(hash))).toEqual(decoded.map(({ hash }) => hash));
  expect(parsed.map(({ deps }) => deps.map(hex))).toEqual(decoded.map(({ deps }) => deps));
  expect(parsed.map(({ actor, seq, startOp }) => ({ actor, seq, startOp }))).toEqual(
    decoded.map(({ actor, seq, startOp }) => ({ actor, seq, startOp })),
  );
});

it('[AUT1] a deflated change is the change that it inflates to', () => {
  const [change] = written();
  const [plain] = parseChanges(change!);
  const body = change!.subarray(10 + (change![9]! >= 0x80 ? 1 : 0));
  const deflated = chunk(deflatedType, deflateRawSync(body), change!.subarray(4));
  const [read] = parseChanges(deflated);
  expect({ ...read, end: 0 }).toEqual({ ...plain, end: 0 });
  const [document] = Automerge.applyChanges(Automerge.init<Note>(), [deflated]);
  expect(Automerge.getHeads(document)).toEqual([hex(plain!.hash)]);
});

it('[AUT2] a bit that is flipped anywhere in a chunk is noticed', () => {
  const [change] = written();
  for (let bit = 0; bit < change!.length * 8; bit++) {
    const flipped = change!.slice();
    flipped[bit >> 3]! ^= 1 << (bit & 7);
    expect(refusal(flipped).code).toBe('malformed_update');
  }
});

it('[AUT2] a chunk that is cut off, or followed by other bytes, is refused', () => {
  const [change] = written();
  for (let length = 0; length < change!.length; length++)
    expect(refusal(change!.subarray(0, length)).code).toBe('malformed_update');
  expect(refusal(Buffer.concat([change!, Buffer.of(0)])).code).toBe('malformed_update');
  const body = deflateRawSync(Buffer.alloc(10));
  expect(refusal(signed(deflatedType, Buffer.concat([body, Buffer.of(0)]))).message).toContain(
    'after its end',
  );
});

it('[AUT2] a change that begins with numbers which are out of range or too long is refused', () => {
  const actor = [2, 1, 1];
  const bodies = [
    [0x80, 0, ...actor, 1, 1],
    [0, ...actor, 0, 1],
    [0, ...actor, 1, 0],
    [0, ...actor, 0xff, 0xff, 0xff, 0xff, 0x10, 1],
    [0, ...actor, 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1],
    [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1],
    [0, 0x81, 2],
  ];
  for (const body of bodies)
    expect(refusal(signed(changeType, Uint8Array.from(body))).code).toBe('malformed_update');
});

it('[AUT3] what inflates to too much is refused before it is inflated', () => {
  const bomb = deflateRawSync(Buffer.alloc(32 * 1024 * 1024), { level: 9 });
  const length = Buffer.of(
    (bomb.length & 0x7f) | 0x80,
    ((bomb.length >> 7) & 0x7f) | 0x80,
    bomb.length >> 14,
  );
  const update = Buffer.concat([Buffer.from([...magic, 0, 0, 0, 0, deflatedType]), length, bomb]);
  expect(refusal(update).code).toBe('update_too_costly');
});
