// One document open in one session: what the session says goes into an inbox and from there, in order, to the document; what is
// committed is read for it by a reader of its own.
import { type PresenceEntry, SyncError } from '@syncline/shared';
import type { Clock } from '../port/clock.ts';
import type { Engine, Summary, Version } from '../port/engine.ts';
import { CorruptRow, type Sequence } from '../port/journal.ts';
import type { Observe } from '../port/observe.ts';
import { bytesOf } from './bytes.ts';
import { ChannelPresence, expectFits } from './channel-presence.ts';
import { ChannelReceipts } from './channel-receipts.ts';
import type { Document } from './document.ts';
import { Gap } from './gap.ts';
import { Inbox, type Pressure } from './inbox.ts';
import type { Ticket } from './receipts.ts';
import { Reader } from './reader.ts';
import type { Member } from './member.ts';
import { maxBytesCheckedAtOnce } from './limits.ts';
import type { Ephemeral, EphemeralNews } from './ephemeral.ts';
import type { PresenceNews, Speaker } from './speaker.ts';

export interface ChannelContext {
  readonly clock: Clock;
  readonly observe: Observe;
  readonly pressure: Pressure;
  readonly maxUpdateBytes: number;
  /** Resolves after so long, or when the server is stopping: what waits behind it is still to be taken in. */
  pause(milliseconds: number): Promise<void>;
}

/** What an entry of presence keeps in memory beside its state. */
const presenceEntryBytes = 64;
/** What a piece of work keeps in memory beside its bytes. */
const workBytes = 64;

export class Channel implements Member {
  readonly engine: Engine;
  readonly #document: Document;
  readonly #speaker: Speaker;
  readonly #context: ChannelContext;
  readonly #inbox: Inbox;
  readonly #reader: Reader;
  readonly #gap: Gap;
  readonly #presence: ChannelPresence;
  readonly #receipts: ChannelReceipts;
  #onRoom: (() => void) | undefined;
  #mayWrite = true;
  #hasEnded = false;
  #isRefused = false;

  constructor(document: Document, engine: Engine, speaker: Speaker, context: ChannelContext) {
    this.#document = document;
    this.engine = engine;
    this.#speaker = speaker;
    this.#context = context;
    this.#inbox = new Inbox({
      pressure: context.pressure,
      pause: () => speaker.pause(),
      resume: () => speaker.resume(),
      onError: (error) => this.#end(error),
      onBusy: (isBusy) => document.visitorIs(isBusy),
      onBytes: (bytes) => speaker.keeps?.(bytes),
    });
    this.#reader = new Reader({
      document,
      engine,
      speaker,
      observe: context.observe,
      onLive: () => this.#receipts.tell(),
      onError: (error) => this.#end(error),
    });
    this.#receipts = new ChannelReceipts({
      document,
      speaker,
      position: () => this.#reader.position,
      onUnloaded: () => this.#take(() => this.#loadAndTell()),
      onError: (error) => this.#end(error),
    });
    const { clock } = context;
    this.#presence = new ChannelPresence({ clock, document, owner: this, speaker });
    this.#gap = new Gap(
      clock,
      () => this.#askForGap(),
      () => this.#take(() => this.#lookForGap()),
    );
  }

  get isClosed(): boolean {
    return this.#hasEnded;
  }

  /** Opens the conversation: asks for what is missing here, unless the session knows that itself, and tells who is present. */
  begin(incarnation?: number): void {
    if (incarnation !== undefined) this.#inbox.take('guard', workBytes, () => this.#meet(incarnation));
    this.resynchronise();
    this.#take(() => {
      if (this.#document.hasPresence) this.#presence.owe();
    });
  }

  /** Whether updates of the session are taken. A session that numbers what it sends is told; another's channel ends when it sends one. */
  allowWriting(mayWrite: boolean): void {
    if (mayWrite === this.#mayWrite || this.isClosed) return;
    this.#mayWrite = mayWrite;
    this.#speaker.receipts?.access(mayWrite);
    if (mayWrite) this.resynchronise();
  }

  /** Asks the session for what is missing here, behind what it has said. One that numbers what it sends is not asked otherwise, but for a gap. */
  ask(): void {
    this.#take(async () => {
      while (!this.#document.isLoaded) await this.#document.load();
      // Its number may be another channel's by now.
      if (!this.isClosed) this.#speaker.ask(this.#document.request());
    });
  }

  /** The session says what it has, in the engine's words, and is sent what it lacks. */
  requested(bytes: Uint8Array): void {
    try {
      const request = this.engine.readRequest(bytes);
      const begin = (): void => {
        // Before what comes behind it is looked at: updates alone do not show what their author holds.
        this.#document.expectOfThisLife(request);
        if (!this.isClosed) this.#reader.requested(request);
      };
      const loadAndBegin = async (): Promise<void> => {
        while (!this.#document.isLoaded) await this.#document.load();
        begin();
      };
      this.#inbox.take('guard', bytes.length + workBytes, () =>
        this.#document.isLoaded ? begin() : loadAndBegin(),
      );
    } catch (error) {
      this.#end(error);
    }
  }

  /** The session says where in the log it stopped reading, and is sent what was committed after that. */
  resumed(position: Sequence): void {
    this.#take(() => this.#reader.resumed(position));
  }

  /**
   * Calls `act` with what the document holds, in order with what the session says, and at once where nothing has to be waited for.
   * The version is not to be kept.
   */
  withVersion(act: (version: Version) => void): void {
    if (this.isClosed) return;
    if (this.#inbox.isBusy || !this.#document.isLoaded) {
      return this.#take(async () => {
        while (!this.#document.isLoaded) await this.#document.load();
        if (!this.isClosed) act(this.#document.version);
      });
    }
    try {
      act(this.#document.version);
    } catch (error) {
      this.#end(error);
    }
  }

  /** The session finds out by itself what it lacks, and is sent what is committed from now on. Only in `withVersion`. */
  follow(): void {
    this.#reader.follow();
  }

  /** As `requested`, with the hash of the session's deletions; what it may have and is missing here is asked for. */
  compared(bytes: Uint8Array, deletions: Uint8Array): void {
    try {
      const request = this.engine.readRequest(bytes);
      this.#inbox.take('guard', bytes.length + workBytes, async () => {
        // What is asked for is not small, and is said before the answer: the answer tells that nothing is lacking here.
        if (!this.#speaker.hasRoom) await this.#room();
        do {
          while (!this.#document.isLoaded) await this.#document.load();
          this.#document.expectOfThisLife(request);
          if (this.isClosed) return;
          if (this.#mayWrite && this.#document.lacks(request, deletions)) {
            this.#speaker.ask(this.#document.request());
          }
          // What is held may wait for its commit, and the session, whose earlier channel sent it perhaps, keeps no copy to send
          // again once it is answered: what a commit loses it is asked for here.
        } while (!(await this.#document.committed()));
        this.#reader.requested(request);
      });
    } catch (error) {
      this.#end(error);
    }
  }

  /** The session wants to know what the document holds where it stands. */
  verify(): void {
    this.#take(() => this.#receipts.verify());
  }

  /** What the document held at a position, if that is known and nothing has been committed since. */
  fingerprintAt(position: Sequence): Uint8Array | undefined {
    return this.#document.fingerprintAt(position);
  }

  /** The session sends an update, as news or as its answer to what it was asked. */
  update(update: Uint8Array): void {
    this.#receive(update);
  }

  /** The session sends updates under a number, and is told when all of them are committed. */
  batch(number: number, updates: readonly Uint8Array[]): void {
    if (this.isClosed) return;
    // It knows, or will in a moment, and keeps what it has sent.
    if (!this.#mayWrite) return;
    const ticket = this.#receipts.ticket(number, updates.length);
    const [first = [], ...rest] = inTurns(updates);
    for (const update of first) this.#receive(update, ticket);
    for (const group of rest) this.#receiveLater(group, ticket);
    this.#receipts.acknowledge();
  }

  /** Tells a session that may not write whether an update of its own adds nothing to what is committed here; takes nothing in. */
  holds(update: Uint8Array, tell: (isHeld: boolean) => void): void {
    if (this.isClosed || !this.#expectSize(update)) return;
    this.#inbox.take('other', update.length + workBytes, async () => {
      const summary = await this.engine.check(update);
      let isHeld: boolean;
      do {
        while (!this.#document.isLoaded) await this.#document.load();
        isHeld = this.#document.holds(summary);
        // What is held may wait for its commit.
      } while (isHeld && !(await this.#document.committed()));
      if (!this.isClosed) tell(isHeld);
    });
  }

  presence(entries: readonly PresenceEntry[]): void {
    const bytes = entries.reduce(
      (sum, { state }) => sum + presenceEntryBytes + (state?.length ?? 0),
      workBytes,
    );
    this.#inbox.take('other', bytes, () => this.#pause(this.#presence.heard(entries)));
  }

  /** The session says something to all others that have the document open. */
  ephemeral(message: Ephemeral): void {
    try {
      expectFits(message);
      this.#inbox.take('other', message.data.length + workBytes, () =>
        this.#pause(this.#presence.heardMessage(message)),
      );
    } catch (error) {
      this.#end(error);
    }
  }

  /** The session wants to know who is present. However often it asks meanwhile, it is told once. */
  presenceRequested(): void {
    this.#take(() => this.#presence.owe());
  }

  /** The session has room again. */
  drained(): void {
    this.#onRoom?.();
    this.#reader.drained();
    this.#receipts.tell();
    this.#presence.drained();
  }

  /** The session is gone. Updates that it sent are still taken in. */
  close(): void {
    if (this.isClosed) return;
    this.#inbox.gone();
    this.#leave();
  }

  advance(): void {
    this.#reader.advance();
    this.#receipts.tell();
  }

  presenceChanged(news: PresenceNews): void {
    this.#presence.tell(news);
  }

  ephemeralHeard(news: EphemeralNews): void {
    this.#presence.tellMessage(news);
  }

  ended(error: SyncError): void {
    this.#end(error);
  }

  resynchronise(): void {
    if (!this.#mayWrite) return;
    if (this.#speaker.receipts) this.#receipts.tell();
    else this.ask();
  }

  /** What the session has is of the incarnation in which the document is, or it is not let in. */
  #meet(incarnation: number): void | Promise<void> {
    const enter = (): void => {
      const { incarnation: here, isDeleted } = this.#document;
      if (isDeleted) throw new SyncError('document_deleted');
      if (incarnation > here) throw new SyncError('unavailable', 'this replica has not heard of it yet');
      if (incarnation > 0 && incarnation < here)
        throw new SyncError('document_deleted', 'it is of an earlier incarnation');
      if (here > 1 && !this.isClosed) this.#speaker.receipts?.incarnation(here);
    };
    return this.#document.isKnown ? enter() : this.#document.look().then(enter);
  }

  queued(bytes: number): void {
    this.#inbox.queued(bytes);
  }

  settled(bytes: number): void {
    this.#inbox.settled(bytes);
  }

  /** What comes behind it waits, and in the end is not read: nothing is lost, and nobody else is bothered. */
  #pause(milliseconds: number): Promise<void> | undefined {
    return milliseconds === 0 ? undefined : this.#context.pause(milliseconds);
  }

  #take(run: () => void | Promise<void>): void {
    this.#inbox.take('other', workBytes, run);
  }

  #receive(update: Uint8Array, ticket?: Ticket): void {
    // A socket goes on giving frames after its channel was refused, and nobody would hear how their check ends.
    if (this.isClosed) return;
    if (!this.#mayWrite)
      return this.#end(new SyncError('forbidden', 'the document may be read and not written'));
    if (!this.#expectSize(update)) return;
    if (this.#inbox.isBusy || !this.#document.isLoaded) {
      this.#takeUpdate(update, () => this.engine.check(update), ticket);
      return;
    }
    // The way of nearly every update, without a promise or a closure.
    try {
      const summary = this.engine.check(update);
      if (summary instanceof Promise) this.#takeUpdate(update, () => summary, ticket);
      else this.#submit(update, summary, ticket);
    } catch (error) {
      this.#end(error);
    }
  }

  /** Gives whether the update may be read; its channel has ended otherwise. */
  #expectSize({ length }: Uint8Array): boolean {
    const { maxUpdateBytes } = this.#context;
    if (length <= maxUpdateBytes) return true;
    this.#end(new SyncError('update_too_large', `it may have ${maxUpdateBytes} bytes`));
    return false;
  }

  /** The rest of a large batch: what somebody else says is heard in between. */
  #receiveLater(updates: readonly Uint8Array[], ticket: Ticket): void {
    this.#inbox.take('update', bytesOf(updates) + updates.length * workBytes, async () => {
      await new Promise<void>((resolve) => void this.#context.clock.after(0, resolve));
      for (const update of updates) {
        const summary = await this.engine.check(update);
        while (!this.#document.isLoaded) await this.#document.load();
        this.#submit(update, summary, ticket);
      }
      this.#receipts.acknowledge();
    });
  }

  #takeUpdate(update: Uint8Array, check: () => Summary | Promise<Summary>, ticket: Ticket | undefined): void {
    this.#inbox.take('update', update.length + workBytes, async () => {
      const summary = await check();
      // While it was checked the document may have come to rest, or been suspended.
      while (!this.#document.isLoaded) await this.#document.load();
      this.#submit(update, summary, ticket);
      this.#receipts.acknowledge();
    });
  }

  #submit(update: Uint8Array, summary: Summary, ticket: Ticket | undefined): void {
    if (this.#isRefused) return;
    const { hasGap } = this.#document.submit(this, update, summary, ticket);
    if (this.isClosed) return;
    if (hasGap) this.#gap.found(summary);
    else this.#gap.none();
  }

  async #loadAndTell(): Promise<void> {
    while (!this.#document.isLoaded) await this.#document.load();
    this.#receipts.tell();
  }

  #askForGap(): void {
    if (this.isClosed) return;
    this.#context.observe.gapAsked();
    this.#speaker.ask(this.#document.request());
  }

  async #lookForGap(): Promise<void> {
    while (!this.#document.isLoaded) await this.#document.load();
    const { summary } = this.#gap;
    if (summary && this.#document.hasGap(summary)) this.#gap.found(summary);
    else this.#gap.filled();
  }

  #end(error: unknown): void {
    this.#isRefused = true;
    if (this.isClosed) return;
    if (!(error instanceof SyncError)) this.#report(error);
    this.#document.readingFailed(error);
    const refusal =
      error instanceof SyncError
        ? error
        : new SyncError(error instanceof CorruptRow ? 'unavailable' : 'internal');
    this.#context.observe.updateRefused(refusal.code);
    this.#inbox.refuse();
    this.#leave();
    this.#speaker.refuse(refusal);
  }

  #report(error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    this.#context.observe.notice({
      event: error instanceof CorruptRow ? 'row-corrupt' : 'internal-error',
      reason,
    });
  }

  async #room(): Promise<void> {
    while (!this.#speaker.hasRoom && !this.isClosed) {
      await new Promise<void>((resolve) => (this.#onRoom = resolve));
      this.#onRoom = undefined;
    }
  }

  #leave(): void {
    this.#hasEnded = true;
    this.#onRoom?.();
    this.#gap.close();
    this.#presence.close();
    this.#receipts.close();
    this.#reader.close();
    this.#document.leave(this);
  }
}

/** A batch in groups of as much as is checked in one turn. */
function inTurns(updates: readonly Uint8Array[]): Uint8Array[][] {
  const groups: Uint8Array[][] = [];
  let bytes = Infinity;
  for (const update of updates) {
    if (bytes > maxBytesCheckedAtOnce) {
      groups.push([]);
      bytes = 0;
    }
    groups.at(-1)!.push(update);
    bytes += update.length + workBytes;
  }
  return groups;
}
