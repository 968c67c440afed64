// One document: the version of what is committed and queued, the updates that wait for their commit, and the position of
// the committed log that its channels read. It holds no content and does not know how an update is built.
//
// Events: an update is submitted; a commit ends well, or fails; a channel comes or goes; the document is at rest.
// Invariants: `#version` is what is committed plus every pending addition; at most one append is under way; what a
// channel is sent has been committed.
import { type DocumentName, SyncError } from '@syncline/shared';
import type { Timer } from '../port/clock.ts';
import type { Digest, Engine, ReaderRequest, Summary, Version } from '../port/engine.ts';
import {
  type Committed,
  CorruptRow,
  type Draft,
  type Head,
  type Journal,
  type Salvage,
  type Sequence,
} from '../port/journal.ts';
import { bytesOf } from './bytes.ts';
import type { Commit } from './commits.ts';
import type { CoreContext } from './context.ts';
import { type Ephemeral, EphemeralFanOut } from './ephemeral.ts';
import { KnownFingerprint } from './known-fingerprint.ts';
import { maxRetryMs, minRetryMs } from './limits.ts';
import { LiveEntry, type Piece } from './live-entry.ts';
import { type Author, charged, type Member, type Outcome } from './member.ts';
import { bundleByAuthor, PendingUpdates } from './pending-updates.ts';
import type { OwnedPresence, Presence } from './presence.ts';
import { PresenceFanOut } from './presence-fan-out.ts';
import { Recent } from './recent.ts';

/** What a document needs of the world around it. */
export interface DocumentContext extends CoreContext {
  /** Of snapshot and tail together. */
  readonly maxDocumentBytes: number;
  /** Called after every commit. */
  committed(document: Document, commit: Commit): void;
  /** Called when a row of it turns out to be damaged. */
  damaged(document: Document): void;
  /** Called when presence has changed, once for what changes within a tick. */
  presenceChanged(document: Document, changes: readonly OwnedPresence[]): void;
  /** Called with what somebody says to all others that have it open. */
  ephemeralHeard(document: Document, owner: object, message: Ephemeral): void;
}

/** What an update that was taken in is to its document. */
interface Submitted {
  readonly isNews: boolean;
  readonly hasGap: boolean;
}

export function wrongEngine({ name }: Engine): SyncError {
  return new SyncError('wrong_engine', `it is of the engine ${name}`);
}

/** How long the tail is, for those who decide on a compaction. */
export interface TailSize {
  entries: number;
  bytes: number;
  snapshotBytes: number;
}

export class Document {
  readonly name: DocumentName;
  readonly channels = new Set<Member>();
  /** The journal's number of it, once it has been committed. */
  id: number | undefined;
  /** The sequence of its last committed entry, 0 if it has none. */
  head: Sequence = 0;
  isCostly = false;
  /** How often it has begun anew after a deletion, and one. */
  incarnation = 1;
  isDeleted = false;
  readonly tail: TailSize = { entries: 0, bytes: 0, snapshotBytes: 0 };
  lastUsedMs: number;
  readonly #context: DocumentContext;
  /** Undefined while nobody has said, and nothing was read. */
  #engine: Engine | undefined;
  #version: Version | undefined;
  /** What its incarnations that were deleted held: whoever still has some of it does not bring it back. */
  #buried: readonly Version[] = [];
  #loading: Promise<Head | undefined> | undefined;
  readonly #pending = new PendingUpdates();
  #isAppending = false;
  readonly #fingerprint = new KnownFingerprint();
  #digestOfDraft: Digest | undefined;
  readonly #recent = new Recent();
  #presence: PresenceFanOut | undefined;
  #ephemeral: EphemeralFanOut | undefined;
  #retryMs = minRetryMs;
  #retryTimer: Timer | undefined;
  #onSettled: (() => void)[] = [];
  #isSuspended = false;
  #isKnown = false;
  #visitors = 0;

  constructor(name: DocumentName, context: DocumentContext) {
    this.name = name;
    this.#context = context;
    this.lastUsedMs = context.clock.now();
  }

  /** Whether an update can be submitted without waiting for the journal. */
  get isLoaded(): boolean {
    return this.#version !== undefined && !this.#isSuspended && !this.isDeleted;
  }

  /** Whether it is known in which life it is: once it has been looked at. */
  get isKnown(): boolean {
    return this.#isKnown && !this.#isSuspended;
  }

  get hasPending(): boolean {
    return this.#isAppending || this.#pending.isQueued;
  }

  /** Whether it must stay as it is: something is pending, or a session's work on it waits. */
  get isBusy(): boolean {
    return this.hasPending || this.#visitors > 0;
  }

  /** A session's work begins to wait, or none of it waits any more. */
  visitorIs(isBusy: boolean): void {
    this.#visitors += isBusy ? 1 : -1;
    this.lastUsedMs = this.#context.clock.now();
  }

  /** Whether a commit has failed, and the channels are to be told after the pause that follows. */
  get isFailing(): boolean {
    return this.#retryTimer !== undefined;
  }

  get hasPresence(): boolean {
    return this.#presence !== undefined;
  }

  /** Only when loaded, or claimed. */
  get engine(): Engine {
    if (!this.#engine) throw new Error('it is not known of which engine the document is');
    return this.#engine;
  }

  /**
   * Somebody speaks of it in an engine's words. Of a document that was never committed, and that nobody has open, the engine is
   * whichever is claimed first. Gives whether it can be this one.
   */
  claim(engine: Engine): boolean {
    const isFree = this.head === 0 && this.channels.size === 0 && !this.isBusy && !this.hasPresence;
    if (this.#engine === undefined || (isFree && this.#engine !== engine)) {
      this.#version = undefined;
      this.#engine = engine;
    }
    return this.#engine === engine || !this.isKnown;
  }

  get journal(): Journal {
    return this.#context.journal;
  }

  /** As `look`, for a document that there is: rejects with `document_deleted` otherwise. */
  async load(): Promise<Head | undefined> {
    const head = await this.look();
    if (this.isDeleted) throw new SyncError('document_deleted');
    return head;
  }

  /** Reads the document's head from the journal, and the version from it if it is not loaded. */
  async look(): Promise<Head | undefined> {
    // A second caller shares the read under way: both may start only after the version is there.
    this.#loading ??= this.#load().finally(() => (this.#loading = undefined));
    return this.#loading;
  }

  /** An error with which somebody's reading ended: where it was a damaged row, the document is to be repaired. */
  readingFailed(error: unknown): void {
    if (error instanceof CorruptRow) this.#context.damaged(this);
  }

  async #load(): Promise<Head | undefined> {
    while (this.#isSuspended) await new Promise<void>((resolve) => this.#onSettled.push(resolve));
    const { journal, clock } = this.#context;
    this.lastUsedMs = clock.now();
    const head = await journal.head(this.name).catch((error: unknown) => {
      this.readingFailed(error);
      throw error;
    });
    // Commits may have ended since the head was read; what is in memory is then newer.
    if (this.#version === undefined) {
      if (head) this.#isOf(head);
      // Of one that was never committed it cannot be said of what it is a version.
      if (!this.#engine) {
        this.#isKnown = true;
        return undefined;
      }
      this.#expectOneEngine();
      const engine = this.#engine;
      const updates = head?.tail.flatMap((entry) => entry.updates) ?? [];
      const version = await engine.version(head?.snapshot?.version, updates);
      const buried: Version[] = [];
      for (const bytes of head?.buried ?? []) buried.push(await engine.version(bytes, []));
      // All at once: it is loaded as soon as there is a version.
      this.#version = version;
      this.#buried = buried;
      this.id = head?.document;
      this.head = head?.sequence ?? 0;
      this.isCostly = head?.isCostly ?? false;
      this.#isKnown = true;
      this.incarnation = head?.incarnation ?? 1;
      this.isDeleted = head?.isDeleted ?? false;
      this.tail.entries = head?.tail.length ?? 0;
      this.tail.bytes = bytesOf(updates);
      this.tail.snapshotBytes = head?.snapshot?.bytes ?? 0;
    }
    return head;
  }

  /** Whoever speaks in another engine's words than that in which it is stored is told so. */
  #isOf({ engine }: Pick<Head, 'engine'>): void {
    const stored = this.#context.engines.get(engine);
    if (!stored) throw new SyncError('wrong_engine', `there is no engine ${engine} here`);
    this.#engine = stored;
  }

  #expectOneEngine(): void {
    for (const channel of this.channels)
      if (channel.engine !== this.engine) channel.ended(wrongEngine(this.engine));
  }

  /** Throws `document_deleted` for a holder of something that an incarnation held which is no more. Only when loaded. */
  expectOfThisLife(request: ReaderRequest): void {
    const current = this.#expectVersion();
    if (this.#buried.some((buried) => buried.isSharedWith(request, current)))
      throw new SyncError('document_deleted', 'it is of an earlier incarnation');
  }

  /** What is committed and queued. Only when loaded. */
  get version(): Version {
    return this.#expectVersion();
  }

  /** The request for what is missing here. Only when loaded. */
  request(): Uint8Array {
    return this.#expectVersion().request();
  }

  /** Whether a holder with this request has, or may have, something that is missing here. Only when loaded. */
  lacks(request: ReaderRequest, deletions: Uint8Array): boolean {
    return this.#expectVersion().lacks(request, deletions);
  }

  /** What a holder with this request lacks. Only when loaded. */
  narrow(request: ReaderRequest): ReaderRequest {
    return this.#expectVersion().narrow(request);
  }

  /**
   * What the document held at a position. Undefined where that is not known: when something has been committed since, when the
   * document is not loaded, or more than that is held by now; it is known after the next commit then.
   */
  fingerprintAt(position: Sequence): Uint8Array | undefined {
    if (position !== this.head) return undefined;
    const known = this.#fingerprint.at(this.head);
    if (known || !this.#version || this.#isSuspended) return known;
    if (!this.hasPending) return this.#fingerprint.take(this.head, this.#version);
    this.#fingerprint.want();
    return undefined;
  }

  /**
   * Takes an update of an author in: it waits for its commit, with others, and its ticket for the outcome. Only when loaded.
   * Gives whether it adds something, and whether something before it, or that it refers to, is missing here. Throws
   * `update_too_costly`,
   * `document_too_large`, or `document_deleted` for what is of an incarnation that is no more.
   */
  submit(author: Author, update: Uint8Array, summary: Summary, ticket?: Outcome): Submitted {
    const version = this.#expectVersion();
    const { observe, clock } = this.#context;
    this.lastUsedMs = clock.now();
    if (!author.saysIncarnation && this.#buried.some((buried) => buried.touches(summary, version)))
      throw new SyncError('document_deleted', 'it is of an earlier incarnation');
    if (!version.hasPlace(summary))
      throw new SyncError('update_too_costly', 'the document has too many ranges');
    const trimmed = this.engine.trim(update, summary, version);
    const addition = version.add(summary);
    const hasGap = version.hasGap(summary);
    if (!addition) {
      // Everything in it is committed, or queued and sharing that commit's outcome: when that fails it is asked for again.
      observe.updateRepeated();
      if (ticket) this.#pending.share(charged(ticket, author));
      return { isNews: false, hasGap };
    }
    if (!this.#hasPlaceFor(trimmed.length)) {
      // Only now it is known that it adds something: whoever repeats what is there, as readers do when asked, may stay.
      version.withdraw(addition);
      throw new SyncError('document_too_large', `it may have ${this.#context.maxDocumentBytes} bytes`);
    }
    this.#pending.add({ update: trimmed, addition, author, hasGap, tickets: ticket ? [ticket] : [] });
    this.#append();
    return { isNews: true, hasGap };
  }

  /** Tells of the commit that makes everything durable that is held now: at once where nothing waits. */
  follow(outcome: Outcome): void {
    this.#pending.share(outcome);
  }

  /** Resolves with whether everything that is held now has been committed, as soon as that is known. */
  committed(): Promise<boolean> {
    return new Promise((resolve) => this.#pending.share({ settled: resolve }));
  }

  #hasPlaceFor(bytes: number): boolean {
    const heldBytes = this.tail.snapshotBytes + this.tail.bytes + this.#pending.bytes;
    return heldBytes + bytes <= this.#context.maxDocumentBytes;
  }

  /** Whether something before an update, or that it refers to, is missing here. Only when loaded. */
  hasGap(summary: Summary): boolean {
    return this.#expectVersion().hasGap(summary);
  }

  /** Whether an update adds nothing to what is committed or waits for its commit. Only when loaded. */
  holds(summary: Summary): boolean {
    const version = this.#expectVersion();
    if (!version.hasPlace(summary)) return false;
    const addition = version.add(summary);
    if (addition) version.withdraw(addition);
    return !addition;
  }

  /** The committed entry after a position, if it is among the recent ones. */
  recentAfter(position: Sequence): LiveEntry | undefined {
    return this.#recent.after(position);
  }

  get presence(): Presence {
    this.#presence ??= new PresenceFanOut(this.#context.clock, this.channels, (changes) =>
      this.#context.presenceChanged(this, changes),
    );
    return this.#presence.presence;
  }

  /** What `presence` took in is sent on, with what else changes within a tick. */
  presenceChanged(): void {
    this.#presence?.changed();
  }

  /** `owner` is who brings it. */
  ephemeral(owner: object, message: Ephemeral): void {
    this.#ephemeral ??= new EphemeralFanOut(this.channels);
    this.lastUsedMs = this.#context.clock.now();
    if (this.#ephemeral.tell(owner, message)) this.#context.ephemeralHeard(this, owner, message);
  }

  expirePresence(nowMs: number): void {
    this.#presence?.expire(nowMs);
    if (this.#presence?.presence.isEmpty) this.#presence = undefined;
  }

  leave(channel: Member): void {
    this.channels.delete(channel);
    this.#presence?.leave(channel);
    this.lastUsedMs = this.#context.clock.now();
  }

  /** Gives back what can be read again. Only when nothing is pending. */
  rest(): void {
    if (this.hasPending) throw new Error('a document with pending updates was put to rest');
    this.#version = undefined;
    this.#recent.clear();
  }

  get isResting(): boolean {
    return this.#version === undefined;
  }

  /** Runs `work` while nothing of this document is pending and nothing is taken in; then reads the version again. */
  async whileSuspended(work: () => Promise<void>): Promise<void> {
    while (this.#isSuspended) await new Promise<void>((resolve) => this.#onSettled.push(resolve));
    this.#isSuspended = true;
    // A load that began before would put back the version as it was; one that begins now waits.
    await this.#loading?.catch(() => undefined);
    while (this.hasPending) await new Promise<void>((resolve) => this.#onSettled.push(resolve));
    try {
      await work();
    } finally {
      this.#fingerprint.forget();
      this.rest();
      this.#isSuspended = false;
      this.#settled();
    }
  }

  /**
   * Ends an incarnation, the current one or a later one of which another replica has told: its content goes, and whoever has it
   * open is told. `burial` is what it held elsewhere, for one that holds nothing here. Does nothing where that has been done.
   * Rejects with CommitFailed.
   */
  async bury(incarnation: number, burial?: Uint8Array): Promise<void> {
    await this.#live(async () => {
      if (incarnation < this.incarnation || (incarnation === this.incarnation && this.isDeleted)) return;
      const version = this.#expectVersion();
      const held = version.isEmpty && burial ? burial : version.encode();
      await this.#begin({ incarnation, burial: held });
      for (const channel of this.channels) channel.ended(new SyncError('document_deleted'));
    });
  }

  /** Begins an incarnation, with nothing in it, of a document that is deleted. Rejects with CommitFailed. */
  async revive(incarnation: number): Promise<void> {
    await this.#live(async () => {
      if (this.isDeleted && incarnation > this.incarnation) await this.#begin({ incarnation });
    });
  }

  async #live(work: () => Promise<void>): Promise<void> {
    this.visitorIs(true);
    try {
      // Whether it is deleted is known, and its version, once it has been looked at.
      while (this.#version === undefined || this.#isSuspended) await this.look();
      await this.whileSuspended(work);
    } finally {
      this.visitorIs(false);
    }
  }

  async #begin({ incarnation, burial }: { incarnation: number; burial?: Uint8Array }): Promise<void> {
    const { engine } = this;
    const { journal } = this.#context;
    const digest = (await engine.version(undefined, [])).digest();
    const { document, sequence } = await journal.append(this.name, () => ({
      document: this.id,
      engine: engine.name,
      previous: this.head,
      updates: [],
      digest,
      incarnation,
      burial,
    }));
    this.id = document;
    this.head = sequence;
    this.incarnation = incarnation;
    this.isDeleted = burial !== undefined;
    this.tail.entries = this.tail.bytes = this.tail.snapshotBytes = 0;
    this.#changed(sequence, digest);
  }

  /** Its digest has become another one, and nothing was added. */
  digestChanged(sequence: Sequence, digest: Digest): void {
    this.head = sequence;
    this.#changed(sequence, digest);
  }

  /** What is stored of it was replaced by what is intact of it, here and elsewhere. Only while it is suspended. */
  restored(salvage: Salvage, sequence: Sequence, digest: Digest): void {
    const { document, incarnation, isDeleted } = salvage;
    // It may never have been read.
    this.#isOf(salvage);
    this.id = document;
    this.incarnation = incarnation;
    this.isDeleted = isDeleted;
    this.digestChanged(sequence, digest);
  }

  #changed(sequence: Sequence, digest: Digest): void {
    this.#recent.clear();
    this.#context.committed(this, this.#commitOf(sequence, digest, []));
  }

  #commitOf(sequence: Sequence, digest: Digest, pieces: readonly Piece[]): Commit {
    const { name, engine, incarnation, isDeleted } = this;
    return { name, engine: engine.name, sequence, digest, incarnation, isDeleted, pieces };
  }

  stop(): void {
    this.#presence?.stop();
    this.#retryTimer?.cancel();
  }

  /** Resolves when what has been submitted is committed, or has failed. */
  async settled(): Promise<void> {
    while (this.hasPending) await new Promise<void>((resolve) => this.#onSettled.push(resolve));
  }

  #append(): void {
    if (this.#isAppending) return;
    this.#isAppending = true;
    this.#context.journal
      .append(this.name, () => this.#draft())
      .then(
        (committed) => this.#committed(committed),
        (error: Error) => this.#failed(error),
      );
  }

  #draft(): Draft {
    // Nothing is queued beside what this draft holds, so the version is that of the commit.
    const version = this.#expectVersion();
    this.#fingerprint.draft(version);
    const updates = this.#pending.draft();
    this.#digestOfDraft = version.digest();
    return {
      document: this.id,
      engine: this.engine.name,
      previous: this.head,
      updates: updates.map(({ update }) => update),
      digest: this.#digestOfDraft,
      incarnation: this.incarnation,
    };
  }

  #committed({ document, sequence }: Committed): void {
    const committed = this.#pending.committed();
    this.#isAppending = false;
    this.#retryMs = minRetryMs;
    for (const { addition } of committed) this.#expectVersion().settled(addition);
    const pieces = bundleByAuthor(committed, this.engine);
    const entry = new LiveEntry(this.head, sequence, pieces);
    this.id = document;
    this.head = sequence;
    this.tail.entries++;
    this.#fingerprint.committed(sequence);
    for (const each of committed) {
      this.tail.bytes += each.update.length;
      this.#context.observe.updateAccepted(each.update.length);
      this.#pending.release(each);
      for (const ticket of each.tickets) ticket.settled(true);
    }
    if (this.#pending.isQueued) this.#append();
    this.#recent.add(entry);
    for (const channel of this.channels) channel.advance();
    this.#context.committed(this, this.#commitOf(sequence, this.#digestOfDraft!, pieces));
    this.#settled();
  }

  /** What is queued falls back to what is committed, and the authors are asked for what was lost. */
  #failed(error: Error): void {
    const lost = this.#pending.failed();
    this.#isAppending = false;
    const version = this.#expectVersion();
    for (const each of lost.toReversed()) {
      version.withdraw(each.addition);
      this.#pending.release(each);
    }
    // In their own order, so that batches which follow each other are one range.
    for (const { tickets } of lost) for (const ticket of tickets) ticket.settled(false);
    this.#context.observe.notice({ event: 'commit-failed', reason: error.message });
    this.#retryTimer ??= this.#context.clock.after(this.#retryMs, () => {
      this.#retryTimer = undefined;
      for (const channel of this.channels) channel.resynchronise();
    });
    this.#retryMs = Math.min(this.#retryMs * 2, maxRetryMs);
    this.#settled();
  }

  #settled(): void {
    if (!this.hasPending) for (const resolve of this.#onSettled.splice(0)) resolve();
  }

  #expectVersion(): Version {
    if (!this.#version) throw new Error('the document is not loaded');
    return this.#version;
  }
}
