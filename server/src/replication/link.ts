// One connection with another replica that has proved itself: each side is a source and a sink of the other. Takes messages apart,
// says every few seconds that it is there and how far it is, and judges by the other's whether to compare the trees.
import { type DocumentName, isErrorCode, SyncError } from '@syncline/shared';
import type { Copy } from '../core/restoration.ts';
import { compareLives, type Life } from '../core/visit.ts';
import type { Timer } from '../port/clock.ts';
import { CommitFailed, CorruptRow, type Sequence } from '../port/journal.ts';
import { TokenBucket } from '../core/token-bucket.ts';
import type { Outbox } from '../port/outbox.ts';
import { Answerer } from './answerer.ts';
import { Asked } from './asked.ts';
import { type Audited, Auditor } from './auditor.ts';
import type { ReplicationContext } from './context.ts';
import type { LinkCount } from './contract.ts';
import { Feeder } from './feeder.ts';
import type { Introduction } from './greeting.ts';
import { beatRate, maxNameLength, maxSilenceMs, retryStuckMs } from './limits.ts';
import { Heartbeat } from './heartbeat.ts';
import { Lives } from './lives.ts';
import { between, type Message, messageCodec } from './messages.ts';
import type { PeerAuthor } from './peer-author.ts';
import type { PeerMemory } from './peer-memory.ts';
import { EphemeralRelay } from './ephemeral-relay.ts';
import { PresenceRelay } from './presence-relay.ts';
import { Puller } from './puller.ts';
import { hexOf, isSame } from './replica-id.ts';
import { Verification } from './verification.ts';
import { Unavailable } from './unavailable.ts';

/** Replies to a reader of a megabyte that does not read. */
const maxOutboxBytes = 1024 * 1024;
/** A link with this much unsent is not written to for questions of the other side either. */
const maxFloodBytes = 64 * 1024 * 1024;

export interface LinkSettings {
  readonly context: ReplicationContext;
  readonly outbox: Outbox;
  /** Nothing was said on the connection before, by our clock: what was may have waited until there was a link. */
  readonly sinceMs: number;
  readonly peer: Introduction;
  readonly memory: PeerMemory;
  readonly author: PeerAuthor;
  readonly counts: Record<LinkCount, number>;
  /** The link is over, for a reason that the other side has been told or has told. Called once. */
  onEnd(error: SyncError): void;
}

export class Link {
  readonly replica: string;
  readonly peer: Introduction;
  readonly #settings: LinkSettings;
  readonly #feeder: Feeder;
  readonly #answerer: Answerer;
  readonly #lives: Lives;
  readonly #puller: Puller;
  readonly #auditor: Auditor;
  readonly #asked: Asked;
  readonly #presence: PresenceRelay;
  readonly #ephemeral: EphemeralRelay;
  readonly #verification: Verification;
  readonly #heartbeat: Heartbeat;
  readonly #timer: Timer;
  readonly #endings: readonly (() => void)[];
  readonly #beatRate: TokenBucket;
  #isOver = false;
  #isFeedDue = false;
  #isHeld = false;
  #heardMs: number;
  #isAuditingAll = false;

  constructor(settings: LinkSettings) {
    const { context, outbox, sinceMs, peer, memory, author, counts } = (this.#settings = settings);
    this.peer = peer;
    this.replica = hexOf(peer.replica);
    this.#heardMs = context.clock.now();
    const hasRoom = (): boolean => outbox.bufferedBytes < maxOutboxBytes;
    const say = (message: Message): void => this.#say(message);
    const count = (what: LinkCount, by = 1): void => void (counts[what] += by);
    const onError = (error: unknown): void => this.end(error);
    this.#feeder = new Feeder({
      clock: context.clock,
      journal: context.journal,
      recent: context.recent,
      sink: author,
      isReplica: (each) => context.isReplica(each),
      hasRoom,
      say,
      count,
      onResumed: (position, isHeld) => this.#sinkResumed(position, isHeld),
      onRegression: () => context.onRegression(peer.name),
      onError,
    });
    this.#answerer = new Answerer({
      documents: context.documents,
      maxUpdateBytes: peer.maxFrameBytes,
      hasRoom,
      say,
      onError,
    });
    this.#lives = new Lives(context.clock, context.engines, say, () =>
      this.end(new SyncError('silent', 'a question was not answered')),
    );
    this.#puller = new Puller({
      context,
      lives: this.#lives,
      memory,
      epoch: peer.epoch,
      author,
      say,
      count,
      onProgress: () => this.#progressed(),
      onRegressed: () => void this.#auditInsteadOfResuming(),
      hold: (isFull) => this.#hold(isFull),
      onError,
    });
    this.#auditor = new Auditor({
      context,
      lives: this.#lives,
      puller: this.#puller,
      say,
      count,
      acked: () => this.#feeder.acknowledged,
    });
    this.#verification = new Verification({
      context,
      peer: peer.name,
      auditor: this.#auditor,
      puller: this.#puller,
      counts,
      acknowledged: () => this.#feeder.acknowledged,
      onError,
    });
    this.#heartbeat = new Heartbeat({
      context,
      sinceMs,
      peer,
      memory,
      told: () => this.#feeder.told,
      say,
      isAlive: () => this.#isAlive(),
      onClaimed: (root, saidAtMs) => {
        if (this.#puller.isDrained) this.#puller.wasDrained();
        void this.#verification.compare(root, saidAtMs);
      },
      onError,
    });
    this.#asked = new Asked({ context, say, onError });
    this.#beatRate = new TokenBucket(context.clock, beatRate);
    this.#presence = new PresenceRelay({ context, peer: author, hasRoom, say });
    this.#ephemeral = new EphemeralRelay({ context, peer: author, hasRoom, say });
    this.#endings = [
      context.documents.commits.listen(() => this.#committed()),
      context.holdings.listen(() => this.#heartbeat.beatSoon()),
    ];
    const { clock } = context;
    this.#timer = clock.every(retryStuckMs, () => this.#puller.retryStuck());
    this.#puller.resume();
    this.#heartbeat.beat();
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** When something was last heard, by our clock. */
  get heardMs(): number {
    return this.#heardMs;
  }

  get state(): 'resuming' | 'auditing' | 'pulling' | 'live' {
    if (this.#isAuditingAll) return 'auditing';
    if (this.#puller.state !== 'pulling') return 'resuming';
    return this.#puller.isDrained ? 'live' : 'pulling';
  }

  get roundTripMs(): number | undefined {
    return this.#heartbeat.roundTripMs;
  }

  get sendBufferBytes(): number {
    return this.#settings.outbox.bufferedBytes;
  }

  /** When the documents of both were last found to be equal, by our clock. */
  get verifiedMs(): number | undefined {
    return this.#verification.verifiedMs;
  }

  get divergentDocuments(): number {
    return this.#verification.divergentDocuments;
  }

  get stuck(): ReadonlyMap<string, string> {
    return this.#puller.applier.stuck.codes;
  }

  receive(frame: Uint8Array): void {
    if (this.#isOver) return;
    this.#heardMs = this.#settings.context.clock.now();
    try {
      const message = messageCodec.decode(frame);
      if (message.say === 'beat' && this.#beatRate.take(frame.length) > 0)
        throw new SyncError('bad_frame', 'it says more of itself than a replica has to say');
      this.#heard(message);
    } catch (error) {
      this.end(error);
    }
  }

  drained(): void {
    if (this.#isOver) return;
    this.#feeder.advance();
    this.#answerer.advance();
    this.#presence.advance();
  }

  /** Compares the trees now, or one document. Rejects when the link ends. */
  audit(document?: string): Promise<Audited> {
    return this.#verification.audit(document);
  }

  /**
   * What the other replica has of a document that is damaged here, or that this life of it is over. Undefined if it cannot give it.
   * Rejects when the link ends.
   */
  async copyOf(name: DocumentName, life: Life): Promise<Copy | 'over' | undefined> {
    const entry = await this.#auditor.entry(name);
    if (!entry || !this.#settings.context.engines.has(entry.engine)) return undefined;
    const order = compareLives({ incarnation: entry.incarnation, isDeleted: entry.isDeleted === 1 }, life);
    if (order !== 0) return order > 0 ? 'over' : undefined;
    const { incarnation, isDeleted } = life;
    const hasEnded = isDeleted || incarnation > 1;
    const burials = hasEnded ? await this.#lives.burialsOf(name, entry.engine).catch(unlessUnavailable) : [];
    const updates = isDeleted
      ? []
      : await this.#puller.applier.copy(name, { ...life, engine: entry.engine }).catch(unlessUnavailable);
    return updates && { life, updates, burials: burials ?? [] };
  }

  /** Documents that could not be taken in are tried again now. */
  retryStuck(): void {
    this.#puller.applier.retryStuck();
  }

  /** Ends the link, and tells the other side why. */
  end(error: unknown): void {
    if (this.#isOver) return;
    const refusal = this.#refusalFor(error);
    this.#say({ say: 'refused', code: refusal.code, detail: refusal.detail });
    this.#settings.outbox.close(refusal.close, refusal.message);
    this.closed(refusal);
  }

  /** The connection is gone. */
  closed(reason: SyncError): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#timer.cancel();
    this.#heartbeat.close();
    this.#verification.close();
    for (const end of this.#endings) end();
    this.#feeder.close();
    this.#answerer.close();
    this.#lives.close();
    this.#auditor.close();
    this.#asked.close();
    this.#puller.close();
    this.#presence.close();
    this.#ephemeral.close();
    this.#settings.onEnd(reason);
  }

  /** Where the disk fails the link begins anew, as a channel does. */
  #refusalFor(error: unknown): SyncError {
    if (error instanceof SyncError) return error;
    const { observe } = this.#settings.context;
    if (error instanceof CorruptRow) observe.notice({ event: 'row-corrupt', reason: error.message });
    else if (error instanceof CommitFailed) observe.notice({ event: 'commit-failed', reason: error.message });
    else {
      observe.notice({ event: 'internal-error', reason: String(error) });
      return new SyncError('internal');
    }
    return new SyncError('unavailable');
  }

  #say(message: Message): void {
    if (this.#isOver) return;
    const { outbox, counts } = this.#settings;
    const frame = messageCodec.encode(message);
    if (isOfAudit(message)) counts.auditBytes += frame.length;
    outbox.send(frame);
    if (outbox.bufferedBytes <= maxFloodBytes) return;
    const error = new SyncError('silent', 'the other replica asks and does not read');
    outbox.close(error.close, error.message);
    this.closed(error);
  }

  #heard(message: Message): void {
    const { context, counts } = this.#settings;
    switch (message.say) {
      case 'resume':
        return this.#feeder.resume(message.round, message.candidates);
      case 'resumed':
        return this.#puller.resumed(message);
      case 'regressed':
        context.observe.notice({ event: 'regression', peer: this.peer.name, side: 'there' });
        return this.#puller.regressed(message);
      case 'changes':
        counts.pullPages++;
        return this.#puller.changes(message);
      case 'ack':
        return this.#acked(message);
      case 'fetch':
        return this.#answerer.fetch(message);
      case 'document':
        return this.#puller.applier.document(message);
      case 'unavailable':
        return this.#puller.applier.unavailable(message);
      case 'beat':
        this.#puller.headIs(message.head);
        this.#puller.wasTold(message);
        this.#heartbeat.heard(message);
        return this.#progressed();
      case 'sumsOf':
      case 'leafOf':
      case 'burialsOf':
        return this.#asked.heard(message);
      case 'sums':
      case 'leaf':
        return this.#auditor.answered(message);
      case 'presence':
        return this.#presence.heard(message);
      case 'ephemeral':
        return this.#ephemeral.heard(message);
      case 'burials':
        return void this.#lives.burials(message).catch((error: unknown) => this.end(error));
      case 'refused':
        return this.#refused(message);
      case 'hello':
      case 'proof':
        throw new SyncError('bad_frame', 'the two have greeted already');
    }
  }

  #refused({ code, detail }: Extract<Message, { say: 'refused' }>): void {
    this.#settings.outbox.close(1000, '');
    this.closed(refusalOf(code, detail));
  }

  /** So much of the source waits to be taken in that nothing more is read, or not any more. */
  #hold(isFull: boolean): void {
    if (this.#isOver || isFull === this.#isHeld) return;
    this.#isHeld = isFull;
    this.#heardMs = this.#settings.context.clock.now();
    if (isFull) this.#settings.outbox.pause();
    else this.#settings.outbox.resume();
  }

  /** Once for all that one commit held. */
  #committed(): void {
    this.#heartbeat.beatSoon();
    if (this.#isFeedDue) return;
    this.#isFeedDue = true;
    void Promise.resolve().then(() => {
      this.#isFeedDue = false;
      if (!this.#isOver) this.#feeder.advance();
    });
  }

  #acked({ epoch, through, held }: Extract<Message, { say: 'ack' }>): void {
    if (!isSame(epoch, this.#settings.context.journal.epoch)) return;
    this.#feeder.acked(through);
    if (held > 0) this.#holds(held);
  }

  /** A sink that has less than it had, for a backup that was put back, holds no more than it says now. */
  #sinkResumed(position: number, isHeld: boolean): void {
    const { acked } = this.#settings.memory;
    if (acked && position < acked.sequence) this.#holds(isHeld ? position : 0);
  }

  /** It holds everything of this replica up to a sequence, and so what was here until the next one was committed. */
  #holds(sequence: Sequence): void {
    const { context, memory } = this.#settings;
    const { epoch, lastSequence } = context.journal;
    const ageMs = context.unconfirmed.ageOf(sequence, lastSequence);
    memory.acked = { epoch, sequence, wallMs: context.wallClock() - ageMs };
    context.holdings.acked(this.replica, epoch, sequence, ageMs);
  }

  /** A link on which nothing was heard for too long is over. */
  #isAlive(): boolean {
    const now = this.#settings.context.clock.now();
    // Whoever does not listen hears nothing.
    if (this.#isHeld) this.#heardMs = now;
    if (now - this.#heardMs > maxSilenceMs) this.end(new SyncError('silent'));
    else this.#feeder.catchUp();
    return !this.#isOver;
  }

  #progressed(): void {
    const { held, state } = this.#puller;
    if (!this.#isOver && held !== undefined && state === 'pulling') this.#heartbeat.held(held);
  }

  async #auditInsteadOfResuming(): Promise<void> {
    this.#isAuditingAll = true;
    await this.#verification.auditToResume();
    this.#isAuditingAll = false;
  }
}

/** Codes that this replica does not know are of a newer one. */
function refusalOf(code: string, detail: string): SyncError {
  return new SyncError(isErrorCode(code) ? code : 'bad_frame', detail.slice(0, maxNameLength));
}

function isOfAudit({ say }: Message): boolean {
  return between[say].type >= between.sumsOf.type && between[say].type <= between.leaf.type;
}

/** Of what the source cannot give. */
function unlessUnavailable(error: unknown): undefined {
  if (!(error instanceof Unavailable)) throw error;
}
