// A Hocuspocus session on the core of a test: says what the test says, in frames, and keeps what the server says. Who somebody is, and how
// much the network has taken, is the test's to say.
import type { OnStateless } from '@syncline/server/dialect/hocuspocus/stateless.ts';
import { Stateless } from '@syncline/server/dialect/hocuspocus/stateless.ts';
import { HocuspocusSession } from '@syncline/server/dialect/hocuspocus/session.ts';
import { WaitingRoom } from '@syncline/server/dialect/hocuspocus/waiting.ts';
import type { Outbox } from '@syncline/server/port/outbox.ts';
import type { Principal } from '@syncline/server/port/access.ts';
import { SyncError } from '@syncline/shared';
import * as Y from 'yjs';
import type { Core } from '../core/core.ts';
import { addressedSync, type HeardFrame, readHeard, tokenFrame } from './hocuspocus-frames.ts';
import { until } from './until.ts';

const nothingHeld = Uint8Array.of(0);

class RecordingOutbox implements Outbox {
  bufferedBytes = 0;
  isPaused = false;
  closedWith: number | undefined;
  readonly frames: Uint8Array[] = [];

  send(frame: Uint8Array): void {
    this.frames.push(frame);
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

export interface HocuspocusOptions {
  /** What a token grants, by the token; whoever has another one is not let in. Without this there are no tokens. */
  readonly principals?: Readonly<Record<string, Partial<Principal>>>;
  readonly onStateless?: OnStateless;
  readonly maxChannels?: number;
}

export class HocuspocusCoreSession {
  readonly outbox = new RecordingOutbox();
  readonly stateless: Stateless;
  readonly session: HocuspocusSession;

  constructor(core: Core, { principals, onStateless, maxChannels = 1_000 }: HocuspocusOptions = {}) {
    this.stateless = new Stateless(core.observed, onStateless);
    const everybody: Principal = { id: undefined, validForMs: undefined, isAdmin: false, may: () => true };
    this.session = new HocuspocusSession(this.outbox, {
      clock: core.clock,
      observe: core.observed,
      stateless: this.stateless,
      waitingRoom: new WaitingRoom(),
      maxChannels,
      isOpen: principals === undefined,
      opens: () => 0,
      identify: async (token) => {
        const principal = principals ? principals[token] : everybody;
        if (!principal) throw new SyncError('unauthenticated');
        return { ...everybody, id: 'anna', ...principal };
      },
      open: (name, speaker, access) => core.documents.open(name, speaker, access),
    });
  }

  /** Says who it is and what it has, as a provider does, and answers what it is asked. */
  static async join(
    core: Core,
    address = 'notes',
    options?: HocuspocusOptions,
  ): Promise<HocuspocusCoreSession> {
    const session = new HocuspocusCoreSession(core, options);
    session.say(tokenFrame(address, ''), addressedSync(address, 'request', nothingHeld));
    await session.hears('answer');
    return session;
  }

  say(...frames: readonly Uint8Array[]): void {
    for (const frame of frames) this.session.receive(frame);
  }

  update(update: Uint8Array, address = 'notes'): void {
    this.say(addressedSync(address, 'update', update));
  }

  answer(update: Uint8Array, address = 'notes'): void {
    this.say(addressedSync(address, 'answer', update));
  }

  get heard(): readonly HeardFrame[] {
    return this.outbox.frames.map(readHeard);
  }

  of<Say extends HeardFrame['say']>(say: Say): HeardFrame<Say>[] {
    return this.heard.filter((frame) => frame.say === say) as readonly HeardFrame[] as HeardFrame<Say>[];
  }

  /** What the statuses said, in order. */
  get statuses(): boolean[] {
    return this.of('status').map(({ isSaved }) => isSaved);
  }

  /** Resolves when so many of this kind have been heard; gives the last. */
  async hears<Say extends HeardFrame['say']>(say: Say, times = 1): Promise<HeardFrame<Say>> {
    await until(`${say} is heard`, () => this.of(say).length >= times);
    return this.of(say).at(-1)!;
  }

  /** What a provider holds that has applied everything that it was sent. */
  get text(): string {
    const doc = new Y.Doc();
    for (const frame of this.heard)
      if (frame.say === 'update' || frame.say === 'answer') Y.applyUpdate(doc, frame.body);
    return doc.getText('content').toJSON();
  }
}
