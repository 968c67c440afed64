// One document open in one session: what the session says is taken in, in order, and what is committed is read for it at
// a position of its own. A reader that is slow keeps its position and catches up, from the recent entries, the log, or
// the snapshot.
import { SyncError } from '@syncline/shared';
import type { Clock, Timer } from '../port/clock.ts';
import type { Summary } from '../port/engine.ts';
import { CorruptRow, type Head, type Sequence } from '../port/journal.ts';
import type { Observe } from '../port/observe.ts';
import { answerPieces } from './answer.ts';
import type { Document, Member } from './document.ts';
import { maxAskMs, maxQueuedBytesOfChannel, maxRequestBytesKept, minAskMs, pageBytes } from './limits.ts';
import type { PresenceEntry } from './presence.ts';
import type { PresenceNews, Speaker } from './speaker.ts';

/** Where the reader is. Its position is the last sequence that it has been sent. */
type Reading =
  | { readonly state: 'silent' }
  | { readonly state: 'catching-up' }
  | { readonly state: 'live'; readonly position: Sequence }
  | { readonly state: 'closed' };

/** How much waits for its commit, over all channels. */
export interface Pressure {
  /** Whether so much waits that no more is to be read. */
  readonly isFull: boolean;
  queued(bytes: number): void;
  settled(bytes: number): void;
  /** The channel has stopped reading, and is let through when less is waiting. */
  held(channel: Channel): void;
}

export interface ChannelContext {
  readonly clock: Clock;
  readonly observe: Observe;
  readonly pressure: Pressure;
}

/** What the reader said that it has, when that was little enough to keep. */
const nothingClaimed = Uint8Array.of(0);

export class Channel implements Member {
  readonly #document: Document;
  readonly #speaker: Speaker;
  readonly #context: ChannelContext;
  #reading: Reading = { state: 'silent' };
  #request: Uint8Array = nothingClaimed;
  /** A request that came while another was being answered; the last one counts. */
  #nextRequest: Uint8Array | undefined;
  readonly #inbox: { readonly bytes: number; readonly work: () => void | Promise<void> }[] = [];
  #isBusy = false;
  #queuedBytes = 0;
  #isPaused = false;
  #onRoom: (() => void) | undefined;
  /** The last update with a gap, and the timer by which it is asked for again. */
  #gap: Summary | undefined;
  #askTimer: Timer | undefined;
  #askAfterMs = 0;
  #askPauseMs = minAskMs;

  constructor(document: Document, speaker: Speaker, context: ChannelContext) {
    this.#document = document;
    this.#speaker = speaker;
    this.#context = context;
  }

  get isClosed(): boolean {
    return this.#reading.state === 'closed';
  }

  /** Opens the conversation: asks for what is missing here, and tells who is present. */
  begin(): void {
    this.#take(0, async () => {
      if (!this.#document.isLoaded) await this.#document.load();
      this.#speaker.ask(this.#document.request());
      const entries = this.#document.hasPresence ? this.#document.presence.present() : [];
      if (entries.length > 0) this.#speaker.presence({ entries, frames: new Map() });
    });
  }

  /** The session says what it has, and is sent what it lacks. */
  requested(request: Uint8Array): void {
    this.#take(request.length, () => {
      this.#document.engine.checkRequest(request);
      const kept = request.slice();
      if (this.#reading.state === 'catching-up') this.#nextRequest = kept;
      else void this.#answer(kept, true);
    });
  }

  /** The session sends an update, as news or as its answer to what it was asked. */
  update(update: Uint8Array): void {
    // A socket goes on giving frames after its channel was refused, and nobody would hear how their check ends.
    if (this.isClosed) return;
    if (!this.#isBusy && this.#document.isLoaded) {
      // The way of nearly every update, without a promise or a closure.
      try {
        const summary = this.#document.engine.check(update);
        if (!(summary instanceof Promise)) return this.#submit(update, summary);
        this.#take(update.length, () => this.#submitWhenChecked(update, summary));
      } catch (error) {
        this.#end(error);
      }
      return;
    }
    this.#take(update.length, () => this.#submitWhenChecked(update, this.#document.engine.check(update)));
  }

  presence(entries: readonly PresenceEntry[]): void {
    this.#take(0, () => {
      const answers = this.#document.presence.receive(this, entries, this.#context.clock.now());
      if (answers.length > 0) this.#speaker.presence({ entries: answers, frames: new Map() });
      this.#document.presenceChanged();
    });
  }

  /** The session wants to know who is present. */
  presenceRequested(): void {
    this.#take(0, () =>
      this.#speaker.presence({ entries: this.#document.presence.present(), frames: new Map() }),
    );
  }

  /** The session has room again. */
  drained(): void {
    this.#onRoom?.();
    this.advance();
  }

  /** The session is gone. */
  close(): void {
    if (this.isClosed) return;
    this.#reading = { state: 'closed' };
    this.#askTimer?.cancel();
    for (const { bytes } of this.#inbox.splice(0)) if (bytes > 0) this.settled(bytes);
    this.#onRoom?.();
    this.#document.leave(this);
  }

  advance(): void {
    while (
      this.#reading.state === 'live' &&
      this.#reading.position < this.#document.head &&
      this.#speaker.hasRoom
    ) {
      const entry = this.#document.recentAfter(this.#reading.position);
      if (!entry) {
        void this.#catchUp(this.#reading.position);
        return;
      }
      this.#speaker.deliver(entry);
      this.#reading = { state: 'live', position: entry.sequence };
    }
  }

  presenceChanged(news: PresenceNews): void {
    // A slow reader misses some movement of cursors: what it is sent next is as new.
    if (this.#speaker.hasRoom) this.#speaker.presence(news);
  }

  resynchronise(): void {
    this.#take(0, async () => {
      if (!this.#document.isLoaded) await this.#document.load();
      this.#speaker.ask(this.#document.request());
    });
  }

  queued(bytes: number): void {
    this.#queuedBytes += bytes;
    this.#context.pressure.queued(bytes);
    this.#holdBack();
  }

  settled(bytes: number): void {
    this.#queuedBytes -= bytes;
    this.#context.pressure.settled(bytes);
    this.letThrough();
  }

  /** Reads on from the session if it was held back and there is no more reason to. */
  letThrough(): void {
    if (!this.#isPaused || this.isClosed) return;
    if (this.#queuedBytes * 2 > maxQueuedBytesOfChannel) return;
    // Nothing of its own need end any more: it is let through when the others' has.
    if (this.#context.pressure.isFull) return this.#context.pressure.held(this);
    this.#isPaused = false;
    this.#speaker.resume();
  }

  #holdBack(): void {
    if (this.#isPaused || this.isClosed) return;
    const isFull = this.#context.pressure.isFull;
    if (this.#queuedBytes <= maxQueuedBytesOfChannel && !isFull) return;
    this.#isPaused = true;
    this.#speaker.pause();
    if (isFull) this.#context.pressure.held(this);
  }

  async #submitWhenChecked(update: Uint8Array, checking: Summary | Promise<Summary>): Promise<void> {
    const summary = await checking;
    // While it was checked the document may have come to rest, or been suspended.
    while (!this.#document.isLoaded) await this.#document.load();
    this.#submit(update, summary);
  }

  #submit(update: Uint8Array, summary: Summary): void {
    if (this.isClosed) return;
    const { hasGap } = this.#document.submit(this, update, summary);
    if (!hasGap) this.#askPauseMs = minAskMs;
    else this.#askForGap(summary);
  }

  #askForGap(summary: Summary): void {
    this.#gap = summary;
    const now = this.#context.clock.now();
    if (now < this.#askAfterMs) {
      // It may be the last that the session says for a while, and it is not to stay with its gap so long.
      this.#askTimer ??= this.#context.clock.after(this.#askAfterMs - now, () => this.#askAgain());
      return;
    }
    this.#askAfterMs = now + this.#askPauseMs;
    this.#askPauseMs = Math.min(this.#askPauseMs * 2, maxAskMs);
    this.#context.observe.gapAsked();
    this.#speaker.ask(this.#document.request());
  }

  #askAgain(): void {
    this.#askTimer = undefined;
    this.#take(0, async () => {
      while (!this.#document.isLoaded) await this.#document.load();
      if (this.#gap && this.#document.hasGap(this.#gap)) this.#askForGap(this.#gap);
      else this.#gap = undefined;
    });
  }

  /** Does the session's work in the order in which it came; what has to wait keeps the rest waiting. */
  #take(bytes: number, work: () => void | Promise<void>): void {
    if (this.isClosed) return;
    this.#inbox.push({ bytes, work });
    if (bytes > 0) this.queued(bytes);
    if (!this.#isBusy) void this.#drainInbox();
  }

  async #drainInbox(): Promise<void> {
    this.#isBusy = true;
    for (let next = this.#inbox.shift(); next !== undefined; next = this.#inbox.shift()) {
      try {
        const waiting = next.work();
        if (waiting) await waiting;
      } catch (error) {
        this.#end(error);
      } finally {
        if (next.bytes > 0) this.settled(next.bytes);
      }
    }
    this.#isBusy = false;
  }

  async #answer(request: Uint8Array, isAsked: boolean): Promise<void> {
    if (this.isClosed) return;
    this.#reading = { state: 'catching-up' };
    this.#request = request.length <= maxRequestBytesKept ? request : nothingClaimed;
    try {
      const head = await this.#document.load();
      const position = head ? await this.#tellAll(head, request, isAsked) : this.#nothing(isAsked);
      this.#goLive(position);
    } catch (error) {
      this.#end(error);
    }
  }

  #nothing(isAsked: boolean): Sequence {
    if (isAsked) this.#speaker.answered(undefined);
    return 0;
  }

  /** Sends what a reader with this request lacks of a document; gives the position at which it then stands. */
  async #tellAll(head: Head, request: Uint8Array, isAsked: boolean): Promise<Sequence> {
    const answer = answerPieces(this.#document, head, request);
    let isFirst = true;
    for (let page = await answer.next(); ;) {
      if (this.isClosed) return 0;
      if (page.done) {
        if (isAsked) this.#speaker.answered(undefined);
        return page.value;
      }
      const pieces = page.value;
      page = await answer.next();
      // An answer of one piece is one message.
      if (isFirst && page.done && pieces.length === 1 && isAsked) {
        this.#speaker.answered(pieces[0]);
        return page.value;
      }
      isFirst = false;
      await this.#room();
      if (!this.isClosed) this.#speaker.tell(pieces);
    }
  }

  async #catchUp(from: Sequence): Promise<void> {
    this.#reading = { state: 'catching-up' };
    this.#context.observe.readerFellBehind();
    try {
      let position = from;
      for (let isLast = false; !isLast;) {
        const page = await this.#document.journal.log(this.#document.id!, position, pageBytes);
        if (page === 'compacted') return await this.#answer(this.#request, false);
        await this.#room();
        if (this.isClosed) return;
        const updates = page.entries.flatMap((entry) => entry.updates);
        if (updates.length > 0) this.#speaker.tell(this.#document.engine.bundle(updates));
        position = page.entries.at(-1)?.sequence ?? position;
        isLast = page.isLast;
      }
      this.#goLive(position);
    } catch (error) {
      this.#end(error);
    }
  }

  #goLive(position: Sequence): void {
    if (this.isClosed) return;
    this.#reading = { state: 'live', position };
    const next = this.#nextRequest;
    this.#nextRequest = undefined;
    if (next) void this.#answer(next, true);
    else this.advance();
  }

  async #room(): Promise<void> {
    while (!this.#speaker.hasRoom && !this.isClosed) {
      await new Promise<void>((resolve) => (this.#onRoom = resolve));
      this.#onRoom = undefined;
    }
  }

  #end(error: unknown): void {
    if (this.isClosed) return;
    const refusal =
      error instanceof SyncError
        ? error
        : new SyncError(error instanceof CorruptRow ? 'unavailable' : 'internal');
    this.#context.observe.updateRefused(refusal.code);
    this.close();
    this.#speaker.refuse(refusal);
  }
}
