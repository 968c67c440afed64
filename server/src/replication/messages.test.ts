// Holds docs/replication.md to the source, and the codec to its own messages.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc, { type Arbitrary } from 'fast-check';
import { expect, it } from 'vitest';
import { between, type Message, messageCodec } from './messages.ts';

const page = readFileSync(join(import.meta.dirname, '../../../docs/replication.md'), 'utf8');

it('[REP1] the messages have the types, fields and kinds that the page gives', () => {
  const rows = [...page.matchAll(/^\| (\d+) \| `(\w+)` \| (.*) \|$/gm)].map(([, type, say, fields]) => [
    say,
    Number(type),
    [...fields!.matchAll(/`(\w+)` (\w+)/g)].map(([, name, kind]) => [name, kind]),
  ]);
  expect(rows).toEqual(
    Object.entries(between).map(([say, { type, fields }]) => [say, type, Object.entries(fields)]),
  );
});

const uint = fc.oneof(fc.constantFrom(0, 127, 128, Number.MAX_SAFE_INTEGER), fc.maxSafeNat());
const bytes = fc.uint8Array({ maxLength: 40 });
const updates = fc.array(bytes, { maxLength: 4 });
const text = fc.string({ unit: 'grapheme' });
const holding = fc.record({ origin: bytes, epoch: bytes, sequence: uint, ageMs: uint });
const kinds: Readonly<Record<string, Arbitrary<unknown>>> = {
  uint,
  text,
  bytes,
  updates,
  presence: fc.array(fc.record({ client: uint, clock: uint, state: fc.option(bytes, { nil: undefined }) })),
  candidates: fc.array(fc.record({ epoch: bytes, position: uint, headSeen: uint })),
  changes: fc.array(
    fc.record({
      document: text,
      engine: text,
      sequence: uint,
      digest: bytes,
      incarnation: uint,
      isDeleted: uint,
      updates,
    }),
  ),
  replicas: fc.array(
    fc.record({ replica: bytes, name: text, ageMs: uint, root: bytes, holdings: fc.array(holding) }),
  ),
};

const messages = fc.oneof(
  ...Object.entries(between).map(([say, { fields }]) =>
    fc.record({
      say: fc.constant(say),
      ...Object.fromEntries(Object.entries(fields).map(([name, kind]) => [name, kinds[kind]!])),
    }),
  ),
) as unknown as Arbitrary<Message>;

it('[REP1] every message is read as it was written', () => {
  fc.assert(
    fc.property(messages, (message) => {
      expect(messageCodec.decode(messageCodec.encode(message))).toEqual(message);
    }),
  );
});

it('[REP1] a frame that ends too early, or goes on, is refused', () => {
  fc.assert(
    fc.property(messages, fc.nat(), (message, cut) => {
      const frame = messageCodec.encode(message);
      expect(() => messageCodec.decode(frame.subarray(0, cut % frame.length))).toThrow(
        expect.objectContaining({ code: 'bad_frame' }),
      );
      expect(() => messageCodec.decode(Uint8Array.of(...frame, 0))).toThrow(
        expect.objectContaining({ code: 'bad_frame' }),
      );
    }),
  );
});
