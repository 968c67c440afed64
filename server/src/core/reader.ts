// One session's reading of one document: where in the committed log it is, and how it gets on. It sends what there is room
// for; a reader that is slow keeps its position, and catches up from the recent entries, the log, or the snapshot.
import type { Engine, ReaderRequest } from '../port/engine.ts';
import type { Head, Sequence } from '../port/journal.ts';
import type { Observe } from '../port/observe.ts';
import { answerBytes, answerPieces } from './answer.ts';
import type { Document } from './document.ts';
import { maxRequestBytesKept, pageBytes } from './limits.ts';
import type { Speaker } from './speaker.ts';

/** The position is the last sequence that the reader has been sent. */
type Reading =
  | { readonly state: 'silent' }
  | { readonly state: 'catching-up' }
  | { readonly state: 'live'; readonly position: Sequence }
  | { readonly state: 'closed' };

export interface ReaderSettings {
  readonly document: Document;
  readonly engine: Engine;
  readonly speaker: Speaker;
  readonly observe: Observe;
  /** The session stands at a position again. */
  onLive(): void;
  onError(error: unknown): void;
}

export class Reader {
  readonly #settings: ReaderSettings;
  readonly #engine: Engine;
  #reading: Reading = { state: 'silent' };
  /** What the reader said that it has, when that was little enough to keep. */
  #request: ReaderRequest;
  /** A request that came while another was being answered; the last one counts. */
  #nextRequest: ReaderRequest | undefined;
  #onRoom: (() => void) | undefined;

  constructor(settings: ReaderSettings) {
    this.#settings = settings;
    this.#engine = settings.engine;
    this.#request = this.#engine.nothingHeld;
  }

  /** Where the session stands; undefined while it is being answered, or has not said what it has. */
  get position(): Sequence | undefined {
    return this.#reading.state === 'live' ? this.#reading.position : undefined;
  }

  /** The session has read everything up to a position, and is sent what came after it. */
  resumed(position: Sequence): void {
    if (this.#reading.state !== 'silent') return;
    this.#reading = { state: 'catching-up' };
    void this.#resume(position);
  }

  /** The session is sent what is committed after what the document holds now, which it asks for as it needs it. Only when loaded. */
  follow(): void {
    if (this.#reading.state === 'silent')
      this.#reading = { state: 'live', position: this.#settings.document.head };
  }

  /** The session says what it has, and is sent what it lacks. */
  requested(request: ReaderRequest): void {
    if (this.#reading.state === 'catching-up') this.#nextRequest = request;
    else void this.#answer(request, true);
  }

  /** The document has committed, or there is room again. */
  advance(): void {
    const { document, speaker } = this.#settings;
    while (this.#reading.state === 'live' && this.#reading.position < document.head && speaker.hasRoom) {
      const entry = document.recentAfter(this.#reading.position);
      if (!entry) {
        this.#settings.observe.readerFellBehind();
        void this.#catchUp(this.#reading.position, false);
        return;
      }
      speaker.deliver(entry);
      this.#reading = { state: 'live', position: entry.sequence };
    }
  }

  drained(): void {
    this.#onRoom?.();
    this.advance();
  }

  close(): void {
    this.#reading = { state: 'closed' };
    this.#onRoom?.();
  }

  get #isClosed(): boolean {
    return this.#reading.state === 'closed';
  }

  async #answer(request: ReaderRequest, isAsked: boolean): Promise<void> {
    if (this.#isClosed) return;
    this.#reading = { state: 'catching-up' };
    this.#request = request.bytes.length <= maxRequestBytesKept ? request : this.#engine.nothingHeld;
    try {
      const head = await this.#settings.document.load();
      this.#settings.document.expectOfThisLife(request);
      this.#goLive(await this.#tellAll(head, request, isAsked));
    } catch (error) {
      this.#settings.onError(error);
    }
  }

  /** Sends what a reader with this request lacks of a document; gives the position at which it then stands. */
  async #tellAll(head: Head | undefined, request: ReaderRequest, isAsked: boolean): Promise<Sequence> {
    const { document, speaker } = this.#settings;
    const answer = answerPieces(document, head, request);
    // Its number may be another channel's by now.
    if (this.#isClosed) return 0;
    if (isAsked) speaker.receipts?.answering(answerBytes(document, head, request));
    let isFirst = true;
    for (let page = await answer.next(); ;) {
      await this.#room();
      if (this.#isClosed) return 0;
      if (page.done) {
        if (isAsked) speaker.answered(undefined, page.value);
        return page.value;
      }
      const pieces = page.value;
      page = await answer.next();
      // An answer of one piece is one message.
      if (isFirst && page.done && pieces.length === 1 && isAsked) {
        while (!speaker.hasRoom && !this.#isClosed) await this.#room();
        if (!this.#isClosed) speaker.answered(pieces[0], page.value);
        return page.value;
      }
      isFirst = false;
      while (!speaker.hasRoom && !this.#isClosed) await this.#room();
      if (!this.#isClosed) speaker.tell(pieces);
    }
  }

  async #resume(position: Sequence): Promise<void> {
    const { document } = this.#settings;
    try {
      // What it holds is known where it has been asked for lately: then nothing is read for those who miss nothing.
      if (document.fingerprintAt(document.head) === undefined && !document.isLoaded) await document.load();
    } catch (error) {
      return this.#settings.onError(error);
    }
    if (this.#isClosed) return;
    if (position > document.head) this.#expire();
    else await this.#catchUp(position, true);
  }

  async #catchUp(from: Sequence, isResumed: boolean): Promise<void> {
    this.#reading = { state: 'catching-up' };
    const { document, speaker } = this.#settings;
    try {
      let position = from;
      for (let isLast = position === document.head; !isLast;) {
        // A page is not read before it can be sent.
        while (!speaker.hasRoom && !this.#isClosed) await this.#room();
        if (this.#isClosed) return;
        const page = await document.journal.log(document.id!, position, pageBytes);
        if (page === 'compacted') {
          return isResumed ? this.#expire() : await this.#answer(this.#request, false);
        }
        while (!speaker.hasRoom && !this.#isClosed) await this.#room();
        if (this.#isClosed) return;
        const updates = page.entries.flatMap((entry) => entry.updates);
        if (updates.length > 0) speaker.tell(this.#engine.bundle(updates));
        position = page.entries.at(-1)?.sequence ?? position;
        isLast = page.isLast;
      }
      if (isResumed && !this.#isClosed) speaker.answered(undefined, position);
      this.#goLive(position);
    } catch (error) {
      this.#settings.onError(error);
    }
  }

  /** The log does not go back so far: the session is to say what it has. */
  #expire(): void {
    if (this.#isClosed) return;
    this.#reading = { state: 'silent' };
    this.#settings.speaker.receipts?.expired();
    const next = this.#nextRequest;
    this.#nextRequest = undefined;
    if (next) void this.#answer(next, true);
  }

  #goLive(position: Sequence): void {
    if (this.#isClosed) return;
    this.#reading = { state: 'live', position };
    const next = this.#nextRequest;
    this.#nextRequest = undefined;
    if (next) return void this.#answer(next, true);
    this.advance();
    this.#settings.onLive();
  }

  async #room(): Promise<void> {
    while (!this.#settings.speaker.hasRoom && !this.#isClosed) {
      await new Promise<void>((resolve) => (this.#onRoom = resolve));
      this.#onRoom = undefined;
    }
  }
}
