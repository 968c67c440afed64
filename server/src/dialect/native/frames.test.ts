import { type Down, downCodec } from '@syncline/shared';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LiveEntry } from '../../core/live-entry.ts';
import { answerFrames, entryFrames, ephemeralFrame, presenceFrame } from './frames.ts';

const frameBytes = 64 * 1024;
const [anna, ben] = [{}, {}];

const number = fc.oneof(
  fc.constantFrom(0, 1, 127, 128, 2 ** 14 - 1, 2 ** 14, 2 ** 32, Number.MAX_SAFE_INTEGER),
  fc.maxSafeNat(),
);
/** Of all lengths at which a frame may end, without the time that random content takes. */
const update = fc
  .tuple(
    fc.oneof(fc.nat(300), fc.nat(frameBytes), fc.constantFrom(0, frameBytes - 1, frameBytes)),
    fc.nat(255),
  )
  .map(([length, byte]) => new Uint8Array(length).fill(byte));
const updates = fc.array(update, { maxLength: 12 });
const pieces = fc.array(fc.record({ update, author: fc.constantFrom(anna, ben) }), { maxLength: 12 });

type Updates = Extract<Down, { say: 'updates' }>;

/** The messages in frames, each of which has the bytes that the codec gives. */
function read(frames: readonly Uint8Array[]): Updates[] {
  return frames.map((frame) => {
    const message = downCodec.decode(frame);
    expect(Buffer.compare(frame, downCodec.encode(message))).toBe(0);
    if (message.say !== 'updates') throw new Error(`it is ${message.say}`);
    return message;
  });
}

function areSame(some: readonly Uint8Array[], others: readonly Uint8Array[]): boolean {
  return (
    some.length === others.length && some.every((each, index) => Buffer.compare(each, others[index]!) === 0)
  );
}

/** Each is over the size only by its last update, and all but the last have that size. */
function expectSizes(messages: readonly Updates[]): void {
  const sizes = messages.map((message) => message.updates.map(({ length }) => length));
  for (const lengths of sizes) expect(sum(lengths.slice(0, -1))).toBeLessThan(frameBytes);
  for (const lengths of sizes.slice(0, -1)) expect(sum(lengths)).toBeGreaterThanOrEqual(frameBytes);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}

describe('the frames of an entry', () => {
  it('[NAT12] have the bytes of the codec, and hold what others sent, in order', () => {
    fc.assert(
      fc.property(
        pieces,
        number,
        number,
        fc.constantFrom(anna, ben, {}),
        (sent, channel, sequence, author) => {
          const entry = new LiveEntry(0, sequence, sent);
          const messages = read(entryFrames(entry, channel, author));
          const others = sent.filter((piece) => piece.author !== author).map((piece) => piece.update);
          expect(
            areSame(
              messages.flatMap((message) => message.updates),
              others,
            ),
          ).toBe(true);
          expect(messages.every((message) => message.channel === channel)).toBe(true);
          // Only with the last of them everything up to the sequence has been sent.
          expect(messages.map(({ position }) => position)).toEqual(
            messages.map((_, index) => (index === messages.length - 1 ? sequence : 0)),
          );
          expectSizes(messages);
        },
      ),
    );
  });

  it('[NAT3] are none for the only author', () => {
    const entry = new LiveEntry(0, 1, [{ update: Uint8Array.of(1, 2), author: anna }]);
    expect(entryFrames(entry, 1, anna)).toEqual([]);
    expect(entryFrames(entry, 1, ben)).toHaveLength(1);
  });
});

it('[NAT8] [NAT12] the frames of an answer have the bytes of the codec, no position, and about 64 KiB', () => {
  fc.assert(
    fc.property(updates, number, (told, channel) => {
      const messages = read(answerFrames(channel, told));
      expect(
        areSame(
          messages.flatMap((message) => message.updates),
          told,
        ),
      ).toBe(true);
      for (const message of messages) expect(message).toMatchObject({ channel, position: 0 });
      expectSizes(messages);
    }),
  );
});

it('[NAT12] the frame of presence has the bytes of the codec, for every session of the document', () => {
  const state = fc.option(fc.uint8Array({ maxLength: 300 }), { nil: undefined });
  const entries = fc.array(fc.record({ client: number, clock: number, state }), { maxLength: 200 });
  fc.assert(
    fc.property(entries, number, number, (present, ...channels) => {
      const news = { entries: present, frames: new Map<string, Uint8Array>() };
      for (const channel of channels) {
        const expected = downCodec.encode({ say: 'presence', channel, entries: present });
        expect(Buffer.compare(presenceFrame(channel, news), expected)).toBe(0);
      }
    }),
  );
});

it('[NAT12] [NAT13] the frame of an ephemeral message has the bytes of the codec, for every session of the document', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 40 });
  const data = fc.uint8Array({ maxLength: 300 });
  fc.assert(
    fc.property(
      fc.record({ sender: text, session: text, count: number, data }),
      number,
      number,
      (message, ...channels) => {
        const news = { ...message, frames: new Map<string, Uint8Array>() };
        for (const channel of channels) {
          const expected = downCodec.encode({ say: 'ephemeral', channel, ...message });
          expect(Buffer.compare(ephemeralFrame(channel, news), expected)).toBe(0);
        }
      },
    ),
  );
});
