import fc, { type Arbitrary } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SyncError } from '../error.ts';
import { downCodec, upCodec } from './codec.ts';
import { type FieldKind, maxListEntries } from './field.ts';
import { down, up } from './messages.ts';

const uint = fc.oneof(
  fc.constantFrom(0, 1, 127, 128, 2 ** 14 - 1, 2 ** 14, 2 ** 32, Number.MAX_SAFE_INTEGER),
  fc.maxSafeNat(),
);
const bytes = fc.uint8Array({ maxLength: 300 });
const kinds: Readonly<Record<FieldKind, Arbitrary<unknown>>> = {
  uint,
  text: fc.string({ unit: 'grapheme' }),
  texts: fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 20 }),
  bytes,
  optionalBytes: fc.option(bytes, { nil: undefined }),
  updates: fc.array(bytes, { maxLength: 20 }),
  presence: fc.array(fc.record({ client: uint, clock: uint, state: fc.option(bytes, { nil: undefined }) }), {
    maxLength: 20,
  }),
  resume: fc.option(fc.record({ replica: bytes, epoch: bytes, position: uint, headSeen: uint }), {
    nil: undefined,
  }),
};

type Table = Readonly<Record<string, { readonly fields: Readonly<Record<string, FieldKind>> }>>;
type Message = Readonly<Record<string, unknown>> & { readonly say: string };

/** Messages of all kinds, any value in any field. */
function messages(table: Table): Arbitrary<Message> {
  return fc.oneof(
    ...Object.entries(table).map(([say, { fields }]) =>
      fc.record({
        say: fc.constant(say),
        ...Object.fromEntries(Object.entries(fields).map(([name, kind]) => [name, kinds[kind]])),
      }),
    ),
  ) as Arbitrary<Message>;
}

interface Side {
  readonly name: string;
  readonly all: Arbitrary<Message>;
  encode(message: Message): Uint8Array;
  decode(frame: Uint8Array): Message;
}

const sides: readonly Side[] = [
  {
    name: 'a client',
    all: messages(up),
    encode: (message) => upCodec.encode(message as never),
    decode: (frame) => upCodec.decode(frame),
  },
  {
    name: 'a server',
    all: messages(down),
    encode: (message) => downCodec.encode(message as never),
    decode: (frame) => downCodec.decode(frame),
  },
];

/** The message in a frame, or undefined if it is refused as it should be; whatever else is thrown is thrown on. */
function decoded(side: Side, frame: Uint8Array): Message | undefined {
  try {
    return side.decode(frame);
  } catch (error) {
    if (error instanceof SyncError && error.code === 'bad_frame') return undefined;
    throw error;
  }
}

/** As frames come: a view of a buffer that holds other things as well. */
function amid(frame: Uint8Array): Uint8Array {
  const buffer = new Uint8Array(frame.length + 600).fill(1);
  buffer.set(frame, 300);
  return buffer.subarray(300, 300 + frame.length);
}

function numbersIn(value: unknown): number[] {
  if (typeof value === 'number') return [value];
  if (value === undefined || typeof value !== 'object' || value instanceof Uint8Array) return [];
  return Object.values(value as object).flatMap(numbersIn);
}

function bytesIn(value: unknown): Uint8Array[] {
  if (value instanceof Uint8Array) return [value];
  return typeof value === 'object' ? Object.values(value as object).flatMap(bytesIn) : [];
}

describe.each(sides)('what $name says', (side) => {
  it('[NAT12] is read as it was written', () => {
    fc.assert(
      fc.property(side.all, (message) => {
        expect(side.decode(amid(side.encode(message)))).toEqual(message);
      }),
    );
  });

  it('[NAT10] cut short, or with bytes after it, is refused', () => {
    fc.assert(
      fc.property(side.all, fc.nat(), (message, at) => {
        const frame = side.encode(message);
        expect(decoded(side, amid(frame.subarray(0, at % frame.length)))).toBeUndefined();
        expect(decoded(side, Uint8Array.of(...frame, 0))).toBeUndefined();
      }),
    );
  });

  it('[NAT10] changed at random, or made of noise, is a message or refused', () => {
    const noise = fc.uint8Array({ maxLength: 100 });
    const changed = fc
      .tuple(side.all, fc.nat(), noise, fc.nat({ max: 4 }))
      .map(([message, position, inserted, removed]) => {
        const frame = side.encode(message);
        const at = position % frame.length;
        return Uint8Array.of(...frame.subarray(0, at), ...inserted, ...frame.subarray(at + removed));
      });
    let read = 0;
    fc.assert(
      fc.property(fc.oneof(changed, noise), (frame) => {
        const message = decoded(side, amid(frame));
        if (!message) return;
        read++;
        expect(numbersIn(message).every((number) => Number.isSafeInteger(number))).toBe(true);
        // Nothing of what lies around the frame is in the message.
        expect(bytesIn(message).reduce((sum, { length }) => sum + length, 0)).toBeLessThan(frame.length);
      }),
      { numRuns: 20_000 },
    );
    expect(read).toBeGreaterThan(100);
  }, 60_000);
});

/** Of a message about a channel, the channel's number. */
function closing(...number: number[]): Uint8Array {
  return Uint8Array.of(up.close.type, ...number);
}

it.each([
  ['2^53', closing(0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10)],
  ['2^56 - 1', closing(...Array(7).fill(0xff), 0x7f)],
  ['200 bytes of nothing', closing(...Array(200).fill(0x80), 0)],
  ['200 bytes', closing(...Array(200).fill(0xff), 1)],
  ['a number without an end', closing(...Array(8).fill(0xff))],
])('[NAT10] a number of %s is refused', (_, frame) => {
  expect(decoded(sides[0]!, frame)).toBeUndefined();
});

it('[NAT10] the largest number is read', () => {
  const frame = closing(...Array(7).fill(0xff), 0x0f);
  expect(upCodec.decode(frame)).toEqual({ say: 'close', channel: 2 ** 53 - 1 });
});

it('[NAT10] a text that is not UTF-8 is refused', () => {
  const frame = Uint8Array.of(up.hello.type, 1, 1, 2, 0xc3, 0x28);
  expect(decoded(sides[0]!, frame)).toBeUndefined();
});

describe('a list', () => {
  const listOf = (count: readonly number[], bodyBytes: number): Uint8Array =>
    Uint8Array.of(up.updates.type, 1, 1, ...count, ...new Uint8Array(bodyBytes));
  const digits = (number: number): number[] =>
    number < 0x80 ? [number] : [(number % 0x80) | 0x80, ...digits(Math.floor(number / 0x80))];

  it('[NAT10] that claims more than there is costs nothing', () => {
    for (const claimed of [10, 2 ** 32, 2 ** 53 - 1]) {
      expect(decoded(sides[0]!, listOf(digits(claimed), 9))).toBeUndefined();
    }
  });

  it('[NAT10] has as many entries as a list may have, and one more is refused', () => {
    const largest = listOf(digits(maxListEntries), maxListEntries);
    expect(decoded(sides[0]!, largest)).toMatchObject({ updates: { length: maxListEntries } });
    expect(decoded(sides[0]!, listOf(digits(maxListEntries + 1), maxListEntries + 1))).toBeUndefined();
  });

  it('[NAT10] of millions of entries of nothing takes no memory', () => {
    const count = 4_000_000;
    const frame = new Uint8Array(count + 16);
    frame.set([up.updates.type, 1, 1, ...digits(count)]);
    const before = process.memoryUsage().heapUsed;
    expect(decoded(sides[0]!, frame.subarray(0, 3 + digits(count).length + count))).toBeUndefined();
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(frame.length);
  });
});
