// A native session on the core of a test: says what the test says, in frames, and keeps what the server says. How much the
// network has taken of that is the test's to say.
import { noAccessControl } from '@syncline/server/auth/none.ts';
import { maxOutboxBytes } from '@syncline/server/core/limits.ts';
import { Confirmations } from '@syncline/server/replication/confirmations.ts';
import { NativeSession } from '@syncline/server/dialect/native/session.ts';
import type { Outbox } from '@syncline/server/port/outbox.ts';
import { type Down, downCodec, type ResumePosition, type Up, upCodec } from '@syncline/shared';
import * as Y from 'yjs';
import { type Core, nothingHeld } from '../core/core.ts';
import { until } from '../support/until.ts';

type Saying<Say extends Down['say']> = Extract<Down, { say: Say }>;

const noDeletions = new Uint8Array(8);

class RecordingOutbox implements Outbox {
  bufferedBytes = 0;
  isPaused = false;
  closedWith: number | undefined;
  /** Whether what is sent stays in the buffer. */
  isStuck = false;
  readonly heard: Down[] = [];

  send(frame: Uint8Array): void {
    if (this.isStuck) this.bufferedBytes += frame.length;
    this.heard.push(downCodec.decode(frame));
  }

  close(code: number): void {
    this.closedWith = code;
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
  }
}

export class CoreSession {
  readonly outbox = new RecordingOutbox();
  readonly #session: NativeSession;
  readonly #core: Core;

  private constructor(core: Core) {
    this.#core = core;
    const { journal, documents } = core;
    this.#session = new NativeSession(this.outbox, {
      replica: journal.replica,
      epoch: journal.epoch,
      confirm: new Confirmations(core.clock, () => []),
      durability: 'full',
      maxFrameBytes: 1024 * 1024,
      observe: core.observed,
      isInLineage: (epoch, sequence) => journal.isInLineage(epoch, sequence),
      maxChannels: 1_000,
      opens: () => 0,
      after: (delayMs, action) => void core.clock.after(delayMs, action),
      validFor: () => {},
      identify: () => noAccessControl.identify({ token: undefined, address: '' }),
      open: (name, speaker, grants) => documents.open(name, speaker, grants),
    });
  }

  /** Resolves when the server has answered the hello. */
  static async greet(core: Core): Promise<CoreSession> {
    const session = new CoreSession(core);
    session.say({ say: 'hello', lowestVersion: 1, highestVersion: 1, token: '' });
    await session.hears('welcome');
    return session;
  }

  /** Greets, opens a document as channel 1 with nothing of it, and is caught up. */
  static async join(core: Core, document = 'notes'): Promise<CoreSession> {
    const session = await CoreSession.greet(core);
    session.open(1, document);
    session.compare(1);
    await session.hears('caughtUp');
    return session;
  }

  get heard(): readonly Down[] {
    return this.outbox.heard;
  }

  say(message: Up): void {
    this.#session.receive(upCodec.encode(message));
  }

  open(channel: number, document = 'notes', resume?: ResumePosition, incarnation = 0): void {
    this.say({ say: 'open', channel, document, engine: 'yjs', incarnation, resume });
  }

  compare(channel: number, request = nothingHeld, deletions = noDeletions): void {
    this.say({ say: 'compare', channel, request, deletions });
  }

  updates(batch: number, ...updates: readonly Uint8Array[]): void {
    this.say({ say: 'updates', channel: 1, batch, updates });
  }

  /** A position that this server has given. */
  position(position: number, headSeen = position): ResumePosition {
    const { replica, epoch } = this.#core.journal;
    return { replica, epoch, position, headSeen };
  }

  of<Say extends Down['say']>(say: Say): Saying<Say>[] {
    return this.heard.filter((message): message is Saying<Say> => message.say === say);
  }

  /** Resolves when so many messages of this kind have been heard; gives the last. */
  async hears<Say extends Down['say']>(say: Say, times = 1): Promise<Saying<Say>> {
    await until(`${say} is heard`, () => this.of(say).length >= times);
    return this.of(say).at(-1)!;
  }

  /** The network takes nothing from here on, and has no room. */
  stall(): void {
    this.outbox.bufferedBytes = maxOutboxBytes;
    this.outbox.isStuck = true;
  }

  drain(): void {
    this.outbox.isStuck = false;
    this.outbox.bufferedBytes = 0;
    this.#session.drained();
  }

  /** What a client holds that had `start` and has applied everything that it was sent. */
  document(start?: Uint8Array): Y.Doc {
    const document = new Y.Doc();
    if (start) Y.applyUpdate(document, start);
    for (const { updates } of this.of('updates'))
      for (const update of updates) Y.applyUpdate(document, update);
    return document;
  }

  get text(): string {
    return this.document().getText('content').toJSON();
  }

  end(): void {
    this.#session.closed();
  }
}
