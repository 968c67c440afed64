import { type Down, SyncError, type Up } from '@syncline/shared';
import { describe, expect, it } from 'vitest';
import type { ChannelEvent, ChannelState, ChannelStep, ContentMessage } from './channel.ts';
import { newChannel, nextChannel } from './channel-state.ts';
import type { ServerFacts } from './connection-state.ts';

const server = serverOf(1);
const nothing = new Uint8Array(0);
const digest = new Uint8Array(16).fill(9);

function serverOf(replica: number, maxFrameBytes = 100_000): ServerFacts {
  return {
    replica: new Uint8Array(16).fill(replica),
    epoch: new Uint8Array(8).fill(replica),
    durability: 'full',
    maxFrameBytes,
  };
}

/** Runs a channel through events, and keeps what the last of them gave. */
class Run {
  state: ChannelState;
  last: ChannelStep | undefined;

  constructor(isEmpty = true) {
    this.state = newChannel({ channel: 3, document: 'notes', engine: 'yjs' }, isEmpty);
  }

  on(event: ChannelEvent): this {
    this.last = nextChannel(this.state, event, (updates) => [
      Uint8Array.from(updates.flatMap((each) => [...each])),
    ]);
    this.state = this.last.state;
    return this;
  }

  attach(to = server): this {
    return this.on({ event: 'attached', server: to });
  }

  type(...updates: readonly (readonly number[])[]): this {
    return this.on({ event: 'edited', updates: updates.map((each) => Uint8Array.from(each)), nowMs: 7 });
  }

  hear(message: ContentMessage): this {
    return this.on({ event: 'heard', message });
  }

  /** An answer to the whole of what was asked, up to a position. */
  answered(position: number, ofDigest = nothing): this {
    return this.hear({ say: 'answer', channel: 3, bytes: 10 }).caughtUp(position, ofDigest);
  }

  caughtUp(position: number, ofDigest = nothing): this {
    return this.hear({ say: 'caughtUp', channel: 3, position, digest: ofDigest });
  }

  stored(from: number, through: number, position = 0, sequence = position): this {
    return this.hear({ say: 'stored', channel: 3, from, through, sequence, position });
  }

  refuse(error: SyncError): this {
    return this.on({ event: 'refused', error, nowMs: 100, fraction: 0.5 });
  }

  get said(): readonly Up['say'][] {
    return this.last!.say.map(({ say }) => say);
  }

  get numbers(): readonly number[] {
    return this.state.pending.map(({ number }) => number);
  }
}

describe('a channel', () => {
  it('[SDK2] opens with what was typed before, and then says what it holds', () => {
    const run = new Run().type([1], [2]).type([3]).attach();
    expect(run.last!.say).toMatchObject([
      { say: 'open', channel: 3, document: 'notes', engine: 'yjs', incarnation: 0, resume: undefined },
      { say: 'updates', channel: 3, batch: 1 },
    ]);
    expect(run.last!.isToCompare).toBe(true);
    expect(run.state).toMatchObject({ phase: { phase: 'opening' }, nextBatch: 2 });
  });

  it('[SDK13] says of which incarnation its content is, from the first word of a server about it on', () => {
    const run = new Run().type([1]).attach();
    expect(run.last!.say).toMatchObject([{ say: 'open', incarnation: 0 }, {}]);
    run.on({ event: 'detached' }).attach();
    expect(run.last!.say).toMatchObject([{ say: 'open', incarnation: 0 }, {}]);
    run.hear({ say: 'incarnation', channel: 3, incarnation: 2 }).stored(1, 1);
    run.on({ event: 'detached' }).attach(serverOf(2));
    expect(run.last!.say).toMatchObject([{ say: 'open', incarnation: 2 }]);
    // A server that says nothing of it is in the first.
    const other = new Run().attach().caughtUp(5);
    expect(other.on({ event: 'detached' }).attach().last!.say).toMatchObject([
      { say: 'open', incarnation: 1 },
    ]);
  });

  it('[SDK3] keeps a batch until it is said to be stored, and sends it again until then', () => {
    const run = new Run().attach().type([1]).type([2]).type([3]);
    expect(run.numbers).toEqual([1, 2, 3]);
    expect(run.hear({ say: 'again', channel: 3, from: 2, through: 3 }).last!.say).toMatchObject([
      { say: 'updates', batch: 2 },
      { say: 'updates', batch: 3 },
    ]);
    expect(run.stored(1, 2).numbers).toEqual([3]);
    run.on({ event: 'detached' });
    expect(run.stored(3, 3).numbers).toEqual([3]);
    expect(run.attach().last!.say).toMatchObject([{ say: 'open' }, { say: 'updates', batch: 1 }]);
    // What the first connection still says of its own batches is not about these.
    expect(run.type([4]).numbers).toEqual([1, 2]);
  });

  it('[SDK6] may lack something until the server has been asked, and asks it again when it is another one', () => {
    const run = new Run(false).attach();
    expect(run.state.mayLack).toBe(true);
    expect(run.answered(0).state.mayLack).toBe(false);
    run.on({ event: 'detached' }).attach(serverOf(2));
    expect(run.last!.isToCompare).toBe(true);
    expect(run.state.mayLack).toBe(false);
    run.answered(5).on({ event: 'detached' }).attach();
    expect(run.state).toMatchObject({ mayLack: true, resume: undefined, headSeen: 0 });
  });

  it('[SDK6] waits for what the server asked for before it has caught up', () => {
    const run = new Run(false).attach().hear({ say: 'answer', channel: 3, bytes: 0 });
    run.on({ event: 'asked', lacking: [Uint8Array.of(1)], nowMs: 7 });
    expect(run.state.pending).toMatchObject([{ number: 1, firstEdit: 0, edits: 0 }]);
    run.caughtUp(0);
    expect(run.state).toMatchObject({ mayLack: false, pending: [{ number: 1 }] });
    expect(run.stored(1, 1, 4).state.pending).toEqual([]);
  });

  it('moves its position with what was received, and not before everything up to there has been', () => {
    const run = new Run().attach();
    const hear = (position: number): Run =>
      run.hear({ say: 'updates', channel: 3, position, updates: [Uint8Array.of(1, 2)] });
    hear(9);
    expect(run.state.resume).toBeUndefined();
    run.hear({ say: 'answer', channel: 3, bytes: 10 });
    hear(0);
    expect(run.state).toMatchObject({
      phase: { phase: 'catching-up', bytes: 10, received: 2 },
      resume: undefined,
    });
    expect(run.last!.apply).toEqual([Uint8Array.of(1, 2)]);
    expect(run.caughtUp(5).state.resume).toMatchObject({ position: 5, headSeen: 5 });
    expect(hear(0).state.resume).toMatchObject({ position: 5 });
    expect(hear(6).state.resume).toMatchObject({ position: 6, headSeen: 6 });
    run.type([1]).stored(1, 1, 6, 8);
    expect(run.state.resume).toMatchObject({ position: 6, headSeen: 8 });
    expect(run.state.headSeen).toBe(8);
  });

  it('[SDK6] has never received more than there is', () => {
    const run = new Run().attach().hear({ say: 'answer', channel: 3, bytes: 3 });
    for (const received of [2, 4]) {
      run.hear({ say: 'updates', channel: 3, position: 0, updates: [Uint8Array.of(1, 2)] });
      expect(run.state.phase).toEqual({ phase: 'catching-up', bytes: Math.max(3, received), received });
    }
  });

  it('resumes where it stopped, and compares when the server says that this is of no use', () => {
    const run = new Run().attach().answered(5).on({ event: 'detached' }).attach();
    expect(run.last).toMatchObject({ say: [{ say: 'open', resume: { position: 5 } }], isToCompare: false });
    run.hear({ say: 'expired', channel: 3 });
    expect(run.last!.isToCompare).toBe(true);
    expect(run.state).toMatchObject({ resume: undefined, headSeen: 0, mayLack: true });
  });

  it('compares digests once on a connection, when nothing is pending', () => {
    const run = new Run().attach().type([1]).answered(5, digest);
    expect(run.last!.digest).toBeUndefined();
    expect(run.stored(1, 1, 6).said).toEqual(['verify']);
    expect(run.caughtUp(6, digest).last!.digest).toBe(digest);
    run.on({ event: 'compared', isSame: false });
    expect(run.last!.isToCompare).toBe(true);
    expect(run.state).toMatchObject({ resume: undefined, mayLack: true });
    run.answered(7, digest);
    expect(run.last!.digest).toBeUndefined();
    expect(run.state).toMatchObject({ mayLack: false, resume: { position: 7 } });
    expect(run.type([2]).stored(2, 2, 8).said).toEqual([]);
  });

  it('has agreed when the digests are the same', () => {
    const run = new Run().attach().answered(5, digest).on({ event: 'compared', isSame: true });
    expect(run.state).toMatchObject({ mayLack: false, resume: { position: 5 } });
    expect(run.type([1]).stored(1, 1, 6).said).toEqual([]);
  });

  it('[SDK11] that is refused for now is opened again after a pause that grows, with what is pending', () => {
    const error = new SyncError('unavailable');
    const run = new Run().attach().type([1]).refuse(error);
    expect(run.state.phase).toEqual({ phase: 'postponed', retryAtMs: 350, error });
    expect(run.type([2]).said).toEqual([]);
    run.on({ event: 'retry' });
    expect(run.said).toEqual(['open', 'updates']);
    expect(run.refuse(error).state.phase).toMatchObject({ retryAtMs: 600 });
    // Once open it is as if it had never been refused.
    run.on({ event: 'retry' }).answered(0).refuse(error);
    expect(run.state.phase).toMatchObject({ retryAtMs: 350 });
  });

  it('[SDK11] that is refused for good stays so over connections, until the application tries again', () => {
    const error = new SyncError('forbidden');
    const run = new Run().attach().type([1]).refuse(error);
    for (const event of [{ event: 'detached' }, { event: 'attached', server }] as const) {
      expect(run.on(event).said).toEqual([]);
      expect(run.state.phase).toEqual({ phase: 'refused', error });
    }
    expect(run.type([2]).state.pending).toHaveLength(1);
    expect(run.on({ event: 'retry' }).said).toEqual(['open', 'updates']);
    run.refuse(error).on({ event: 'detached' }).on({ event: 'retry' });
    expect(run.state.phase).toEqual({ phase: 'detached' });
  });

  it('[SDK11] says nothing that is larger than the server takes, and keeps it', () => {
    const run = new Run().attach(serverOf(1, 5_000)).type([1]);
    run.on({ event: 'edited', updates: [new Uint8Array(5_000)], nowMs: 8 });
    expect(run.said).toEqual(['close']);
    expect(run.state.phase).toMatchObject({ phase: 'refused', error: { code: 'frame_too_large' } });
    expect(run.numbers).toEqual([1, 2]);
    run.on({ event: 'detached' }).attach(serverOf(1, 50_000)).on({ event: 'retry' });
    expect(run.said).toEqual(['open', 'updates']);
  });

  it.each<Down['say']>(['answer', 'updates', 'caughtUp', 'stored', 'again', 'expired'])(
    'takes no notice of a late %s while it is not open',
    (say) => {
      const run = new Run().attach().type([1]).on({ event: 'detached' });
      const before = run.state;
      const late = {
        say,
        channel: 3,
        bytes: 1,
        position: 9,
        updates: [Uint8Array.of(1)],
        digest,
        from: 1,
        through: 1,
        sequence: 9,
      } as unknown as ContentMessage;
      expect(run.hear(late).last).toEqual({
        state: before,
        say: [],
        apply: [],
        isToCompare: false,
        digest: undefined,
      });
    },
  );
});

describe('[SDK6] what somebody typed who is gone', () => {
  it('is not called saved by an answer that was under way when it came', () => {
    const run = new Run().attach().hear({ say: 'answer', channel: 3, bytes: 10 });
    run.on({ event: 'inherited' });
    expect(run.last!.isToCompare).toBe(true);
    run.caughtUp(5);
    expect(run.state).toMatchObject({ mayLack: true, phase: { phase: 'live' } });
    // The digest tells: they are the same, or it is compared once more.
    run.caughtUp(5, digest).on({ event: 'compared', isSame: true });
    expect(run.state.mayLack).toBe(false);
  });

  it('waits for the digest that was asked for before it came, which ends nothing else', () => {
    const run = new Run().attach().answered(5);
    expect(run.said).toEqual(['verify']);
    expect(run.on({ event: 'inherited' }).last!.isToCompare).toBe(false);
    run.caughtUp(5, digest).on({ event: 'compared', isSame: false });
    expect(run.last!.isToCompare).toBe(true);
    expect(run.state).toMatchObject({ mayLack: true, phase: { phase: 'opening' } });
    expect(run.answered(6).state.mayLack).toBe(false);
  });

  it('is called saved by the answer to a comparison of which it was part', () => {
    const run = new Run().attach().answered(5, digest).on({ event: 'compared', isSame: true });
    run.on({ event: 'inherited' });
    expect(run.state.mayLack).toBe(true);
    expect(run.answered(6).state.mayLack).toBe(false);
  });
});
