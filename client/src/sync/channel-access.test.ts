import type { Up } from '@syncline/shared';
import { describe, expect, it } from 'vitest';
import { statusOf } from '../status.ts';
import type { ChannelEvent, ChannelState, ChannelStep } from './channel.ts';
import { newChannel, nextChannel } from './channel-state.ts';

const server = {
  replica: new Uint8Array(16),
  epoch: new Uint8Array(8),
  durability: 'full',
  maxFrameBytes: 100_000,
} as const;
const update = Uint8Array.of(1, 2, 3);
const attached: ChannelEvent = { event: 'attached', server };
const typed: ChannelEvent = { event: 'edited', updates: [update], nowMs: 0 };
const asked: ChannelEvent = { event: 'asked', lacking: [update], nowMs: 0 };
const answer: ChannelEvent = { event: 'heard', message: { say: 'answer', channel: 1, bytes: 0 } };
const caughtUp: ChannelEvent = {
  event: 'heard',
  message: { say: 'caughtUp', channel: 1, position: 0, digest: new Uint8Array(0) },
};
const access = (level: 'read' | 'write'): ChannelEvent => ({
  event: 'heard',
  message: { say: 'access', channel: 1, level },
});

function after(start: ChannelState, ...events: readonly ChannelEvent[]): ChannelStep {
  let step: ChannelStep | undefined;
  for (const event of events) step = nextChannel(step?.state ?? start, event, (updates) => updates);
  return step!;
}

const subject = { channel: 1, document: 'notes', engine: 'yjs' } as const;
const empty = newChannel(subject, true);
const full = newChannel(subject, false);
const uploads = ({ state }: ChannelStep) => statusOf({ state: 'initial' }, state).uploads;
const sent = ({ say }: ChannelStep): Up['say'][] => say.map((message) => message.say);

describe('a channel of a reader', () => {
  it('[ACC4] sends nothing of what is typed, and keeps it', () => {
    const step = after(empty, attached, access('read'), answer, caughtUp, typed);
    expect(sent(step)).toEqual([]);
    expect(uploads(step)).toMatchObject({ isAllowed: false, isSaved: false, edits: 1 });
    // Nor what the server may have asked for before it knew.
    expect(sent(after(step.state, asked))).toEqual([]);
  });

  it('[ACC4] [SDK6] is not taken for saved because the server asked for nothing', () => {
    expect(uploads(after(full, attached, access('read'), answer, caughtUp)).isSaved).toBe(false);
    expect(uploads(after(full, attached, answer, caughtUp)).isSaved).toBe(true);
    // Unless the two hold the same.
    const same = after(full, attached, access('read'), answer, caughtUp, { event: 'compared', isSame: true });
    expect(uploads(same).isSaved).toBe(true);
  });

  it('[ACC5] that becomes a writer sends what is pending, and has what else it has asked for', () => {
    const reader = after(full, attached, access('read'), answer, caughtUp, typed);
    const writer = after(reader.state, access('write'));
    expect(sent(writer)).toEqual(['updates']);
    expect(writer.isToCompare).toBe(true);
    expect(uploads(writer)).toMatchObject({ isAllowed: true, isSaved: false });
    expect(after(empty, attached, access('read'), answer, caughtUp, access('write')).isToCompare).toBe(false);
    // Said twice it is nothing new.
    expect(sent(after(writer.state, access('write')))).toEqual([]);
  });

  it('[ACC5] that was a writer keeps what is not acknowledged', () => {
    const step = after(empty, attached, answer, caughtUp, typed, access('read'));
    expect(uploads(step)).toMatchObject({ isAllowed: false, edits: 1 });
    const stored = { say: 'stored', channel: 1, from: 1, through: 1, sequence: 1, position: 1 } as const;
    expect(uploads(after(step.state, { event: 'heard', message: stored })).isSaved).toBe(true);
  });

  it('[ACC4] on a new connection may write until it is told otherwise', () => {
    const again = after(empty, attached, access('read'), typed, { event: 'detached' }, attached);
    expect(sent(again)).toEqual(['open', 'updates']);
    expect(uploads(again).isAllowed).toBe(true);
  });
});
