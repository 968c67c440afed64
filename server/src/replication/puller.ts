// The sink's side of a link: where this replica has come to on a source, and what of the source is on its way in. The feed is
// level-triggered: an entry says what a document is, so that reading it twice, late or out of order does no harm.
//
// Events: the source tells of changes; an update of them is drafted, committed or lost; a document was fetched.
// Invariant: everything of the source up to the position is committed here, but for the documents that are stuck.
import { documentName, type DocumentName, SyncError } from '@syncline/shared';
import type { Author, Outcome } from '../core/document.ts';
import { compareLives } from '../core/visit.ts';
import type { Timer } from '../port/clock.ts';
import { CommitFailed, type Sequence } from '../port/journal.ts';
import type { ReplicationContext } from './context.ts';
import type { LinkCount } from './contract.ts';
import { bytesOf } from './feeder.ts';
import { Fetches } from './fetches.ts';
import { Intake, type Position, Range } from './intake.ts';
import {
  floodFactor,
  maxCopyBytes,
  maxStuck,
  maxUnackedBytes,
  maxUnackedEntries,
  rememberEveryMs,
  rememberWithinMs,
  retryStuckMs,
} from './limits.ts';
import type { Told } from './heartbeat.ts';
import type { AtSource, Lives } from './lives.ts';
import type { Change, Checkpoint, Message } from './messages.ts';
import type { PeerMemory, StuckDocument } from './peer-memory.ts';
import { isSame } from './replica-id.ts';
import { Unavailable } from './unavailable.ts';

export interface PullerSettings {
  readonly context: ReplicationContext;
  readonly lives: Lives;
  readonly memory: PeerMemory;
  /** Of the source. */
  readonly epoch: Uint8Array;
  readonly author: Author;
  readonly say: (message: Message) => void;
  readonly count: (what: LinkCount, by?: number) => void;
  /** The position has moved on, or the state is another. */
  readonly onProgress: () => void;
  /** The source knows none of our checkpoints: its documents are to be compared with ours. */
  readonly onRegressed: () => void;
  /** Nothing more is to be read, or may be again. */
  readonly hold: (isFull: boolean) => void;
  /** The link is of no use any more. */
  readonly onError: (error: unknown) => void;
}

/** An hour, in tries of a minute each. */
const maxRetryEvery = 60;

/** How long a commit that failed is waited for before what it lost is fetched. */
const retryMs = 1_000;

/** A document that cannot be taken in, as it was told last. */
interface Stuck {
  readonly code: string;
  readonly life: AtSource;
  /** How many fetches had begun when it got stuck. */
  readonly since: number;
}

type State = 'resuming' | 'regressed' | 'pulling' | 'closed';

export class Puller {
  readonly #settings: PullerSettings;
  readonly #fetches: Fetches;
  readonly #stuck = new Map<string, Stuck>();
  readonly #copying = new Set<(error: Error) => void>();
  #begun = 0;
  #state: State = 'resuming';
  #round = 0;
  #candidates: readonly Checkpoint[] = [];
  #intake: Intake | undefined;
  #head = 0;
  #toldAtBeat = 0;
  #ackedThrough = -1;
  #held: Sequence | undefined;
  #ackedHeld: Sequence | undefined;
  #isAckDue = false;
  #retryEvery = 1;
  #retriesLeftOut = 0;
  #rememberedMs = -Infinity;
  #rememberTimer: Timer | undefined;
  #isRemembering = false;
  #remembered = -1;

  constructor(settings: PullerSettings) {
    const { context, author, say, memory } = (this.#settings = settings);
    this.#fetches = new Fetches({
      clock: context.clock,
      documents: context.documents,
      lives: settings.lives,
      author,
      say,
      hold: (isFull) => settings.hold(isFull),
      onSilence: () => settings.onError(new SyncError('silent', 'a fetch was not answered')),
    });
    for (const { document, code, life } of memory.stuck) this.#stuck.set(document, { code, life, since: 0 });
  }

  get state(): State {
    return this.#state;
  }

  /** What is committed here of the source; undefined until it has said from where it goes on. */
  get position(): Position | undefined {
    return this.#intake?.committed;
  }

  /**
   * Everything that the source had up to here is here; undefined while that is not known. A position says less: a page that ended
   * before the source's head has left out what had changed again behind it, and a document may be stuck.
   */
  get held(): Sequence | undefined {
    return this.#held;
  }

  /** Whether everything is committed here that the source was known to have. */
  get isDrained(): boolean {
    return this.#state === 'pulling' && this.#intake!.committed.position >= this.#head;
  }

  /** Documents that cannot be taken in, each with the code of the error. */
  get stuck(): ReadonlyMap<string, string> {
    return new Map(Array.from(this.#stuck, ([document, { code }]) => [document, code]));
  }

  /** Asks the source to go on from what is remembered, or from the beginning if there is nothing. */
  resume(): void {
    const { candidates } = this.#settings.memory;
    this.#resumeFrom(candidates.length > 0 ? candidates : [this.#beginning]);
  }

  /** The source's documents were compared with ours as of its head: everything up to there is here. */
  resumeAt(head: number): void {
    this.#resumeFrom([{ epoch: this.#settings.epoch, position: head, headSeen: head }]);
  }

  resumeFromBeginning(): void {
    this.#resumeFrom([this.#beginning]);
  }

  resumed({ round, candidate, head }: Extract<Message, { say: 'resumed' }>): void {
    if (round !== this.#round || this.#state !== 'resuming') return;
    const from = this.#candidates[candidate];
    if (!from) throw new SyncError('bad_frame', 'it resumes with a candidate that was not one');
    const { count, memory, onProgress } = this.#settings;
    if (from.position === 0) count('resumeFull');
    else count(from === memory.checkpoint ? 'resumeAccepted' : 'resumeDrained');
    this.#state = 'pulling';
    // A position of an earlier epoch is one of this epoch, too: the source has everything that it had then.
    this.#intake = new Intake(from);
    this.#ackedThrough = -1;
    this.#held = undefined;
    this.#head = head;
    this.#retryStuck();
    this.#moved();
    onProgress();
  }

  regressed({ round }: Extract<Message, { say: 'regressed' }>): void {
    if (round !== this.#round || this.#state !== 'resuming') return;
    this.#state = 'regressed';
    this.#settings.count('resumeAudit');
    this.#settings.onRegressed();
  }

  headIs(head: number): void {
    this.#head = Math.max(this.#head, head);
  }

  /** What was told before a beat has arrived by the next one, or is lost. */
  wasTold({ round, told }: Told): void {
    if (round !== this.#round || this.#state !== 'pulling') return;
    const missed = this.#toldAtBeat;
    this.#toldAtBeat = told;
    if (this.#intake!.told < missed) this.#resumeFromHere();
  }

  changes({ round, from, through, head, entries }: Extract<Message, { say: 'changes' }>): void {
    // Of an earlier round, or said twice.
    if (round !== this.#round || this.#state !== 'pulling') return;
    const intake = this.#intake!;
    if (through < from || head < through)
      throw new SyncError('bad_frame', 'its changes end before they begin');
    // Something was lost on the way.
    if (from > intake.told) return this.#resumeFromHere();
    const bytes = entries.reduce((sum, entry) => sum + bytesOf(entry), 0);
    const range = new Range(through, head, bytes, entries.length);
    this.headIs(head);
    intake.add(range);
    if (
      intake.bytes - bytes > maxUnackedBytes * floodFactor ||
      intake.entries > maxUnackedEntries * floodFactor
    )
      throw new SyncError('bad_frame', 'it sends more than was acknowledged allows');
    const unknown: { name: DocumentName; change: Change }[] = [];
    for (const entry of entries) {
      const name = documentName(entry.document);
      if (!this.#settings.context.engines.has(entry.engine))
        this.#failed(range, name, lifeOf(entry), new Unavailable('unsupported_engine'));
      else if (entry.updates.length > 0) void this.#takeCarried(range, name, entry);
      else unknown.push({ name, change: entry });
    }
    if (unknown.length > 0) void this.#compare(range, unknown);
    this.#moved();
  }

  document(message: Extract<Message, { say: 'document' }>): void {
    this.#fetches.document(message);
  }

  unavailable({ ticket, code }: Extract<Message, { say: 'unavailable' }>): void {
    this.#fetches.unavailable(ticket, code);
  }

  /** Fetches a document that an audit found to differ. Resolves with whether that added something; rejects if it cannot be had. */
  repair(name: DocumentName, life: AtSource): Promise<boolean> {
    return new Promise((resolve, reject) => {
      let news = 0;
      let unsettled = 1;
      const fetch = this.#beginFetch();
      const settle = (): void => {
        if (--unsettled > 0) return;
        this.#mended(name, fetch);
        resolve(news > 0);
      };
      this.#fetches.want({
        name,
        life,
        outcome: () => {
          unsettled++;
          return {
            settled: (isStored) => (isStored ? settle() : reject(new CommitFailed('it was not stored'))),
          };
        },
        fetched: (count) => {
          news = count;
          settle();
        },
        failed: reject,
      });
    });
  }

  /**
   * Everything that the source has of a document in a life that is not over, without taking it in. Rejects with Unavailable, or when
   * the link ends.
   */
  copy(name: DocumentName, life: AtSource): Promise<readonly Uint8Array[]> {
    const { promise, resolve, reject } = Promise.withResolvers<readonly Uint8Array[]>();
    const updates: Uint8Array[] = [];
    let bytes = 0;
    const take = (part: readonly Uint8Array[]): void => {
      for (const { length } of part) bytes += length;
      if (bytes > maxCopyBytes) throw new Unavailable('document_too_large');
      updates.push(...part);
    };
    if (this.#state === 'closed') reject(new SyncError('going_away'));
    this.#copying.add(reject);
    this.#fetches.want({
      name,
      life,
      copy: { request: this.#settings.context.engines.get(life.engine)!.nothingHeld.bytes, take },
      outcome: () => ({ settled: () => {} }),
      fetched: () => resolve(updates),
      failed: reject,
    });
    return promise.finally(() => this.#copying.delete(reject));
  }

  /** A document has been brought to where the source has it by other ways. */
  isNotStuck(name: DocumentName): void {
    this.#stuck.delete(name);
  }

  /** Called every `retryStuckMs`: each time that nothing comes of it, it takes twice as long until they are tried again. */
  retryStuck(): void {
    if (this.#state !== 'pulling' || ++this.#retriesLeftOut < this.#retryEvery) return;
    this.#retriesLeftOut = 0;
    this.#retryEvery = Math.min(this.#retryEvery * 2, maxRetryEvery);
    this.#retryStuck();
  }

  close(): void {
    this.#state = 'closed';
    this.#rememberTimer?.cancel();
    this.#fetches.close();
    for (const reject of this.#copying) reject(new SyncError('going_away'));
    const { memory } = this.#settings;
    if (this.#intake) memory.checkpoint = this.#checkpointAt(this.#intake.committed);
    memory.stuck = this.#stuckToRemember;
  }

  get #stuckToRemember(): StuckDocument[] {
    return Array.from(this.#stuck, ([document, { code, life }]) => ({ document, code, life }));
  }

  get #beginning(): Checkpoint {
    return { epoch: this.#settings.epoch, position: 0, headSeen: 0 };
  }

  #resumeFromHere(): void {
    this.#resumeFrom([this.#checkpointAt(this.#intake!.committed)]);
  }

  #resumeFrom(candidates: readonly Checkpoint[]): void {
    this.#state = 'resuming';
    this.#candidates = candidates;
    this.#toldAtBeat = 0;
    this.#settings.say({ say: 'resume', round: ++this.#round, candidates });
  }

  #checkpointAt({ position, headSeen }: Position): Checkpoint {
    return { epoch: this.#settings.epoch, position, headSeen };
  }

  /** What an entry brought with it is what its document has got since the entries before it. */
  async #takeCarried(range: Range, name: DocumentName, change: Change): Promise<void> {
    const { context, author, count } = this.#settings;
    count('entriesCarried');
    const intake = this.#intake!;
    const life = lifeOf(change);
    const visit = context.documents.visit(name, life.engine);
    // The frame that they are views of is the socket's.
    const updates = change.updates.map((update) => update.slice());
    const outcomes = this.#outcomes(intake, range, name, life);
    try {
      await this.#settings.lives.follow(visit, life);
      await visit.take(life.incarnation, updates, author, outcomes);
      this.#done(range);
    } catch (error) {
      this.#failed(range, name, life, error);
    } finally {
      visit.end();
    }
  }

  /** Looks which of the documents of a range are other than here. */
  async #compare(range: Range, unknown: readonly { name: DocumentName; change: Change }[]): Promise<void> {
    const { context, count, onError } = this.#settings;
    try {
      const listings = await context.journal.listings(unknown.map(({ name }) => name));
      if (this.#state === 'closed') return;
      unknown.forEach(({ name, change }, index) => {
        const listing = listings[index];
        const life = lifeOf(change);
        const order = compareLives(life, listing ?? { incarnation: 1, isDeleted: false });
        if (listing && order === 0 && (life.isDeleted || isSame(listing.digest, change.digest))) {
          count('entriesEqual');
          this.#stuck.delete(name);
          this.#done(range);
        } else if (order < 0) {
          // It has ended here, of which the source hears by itself.
          count('entriesEqual');
          this.#done(range);
        } else if (life.isDeleted) void this.#follow(range, name, life);
        else this.#fetch(range, name, life);
      });
    } catch (error) {
      onError(error);
    }
  }

  async #follow(range: Range, name: DocumentName, life: AtSource): Promise<void> {
    const { context, count } = this.#settings;
    count('entriesDeleted');
    const visit = context.documents.visit(name, life.engine);
    try {
      this.#rememberSoon();
      await this.#settings.lives.follow(visit, life);
      this.#stuck.delete(name);
      this.#done(range);
    } catch (error) {
      this.#failed(range, name, life, error);
    } finally {
      visit.end();
    }
  }

  #fetch(range: Range, name: DocumentName, life: AtSource): void {
    this.#settings.count('entriesFetched');
    const fetch = this.#beginFetch();
    let unsettled = 1;
    const settle = (): void => {
      if (--unsettled === 0) this.#mended(name, fetch);
    };
    const outcomes = this.#outcomes(this.#intake!, range, name, life);
    this.#fetches.want({
      name,
      life,
      outcome: () => {
        unsettled++;
        const outcome = outcomes();
        return {
          drafted: () => outcome.drafted?.(),
          settled: (isStored) => {
            outcome.settled(isStored);
            // What is lost is fetched again.
            if (isStored) settle();
          },
        };
      },
      fetched: () => {
        settle();
        this.#done(range);
      },
      failed: (error) => this.#failed(range, name, life, error),
    });
  }

  #beginFetch(): number {
    return ++this.#begun;
  }

  /** All of a document that a fetch brought is committed: unless it got stuck after that fetch had begun, it is here. */
  #mended(name: DocumentName, fetch: number): void {
    const stuck = this.#stuck.get(name);
    if (!stuck || stuck.since >= fetch) return;
    this.#stuck.delete(name);
    this.#moved();
  }

  /** What becomes of the updates of one entry. If one is lost, all of its document is fetched, once. */
  #outcomes(intake: Intake, range: Range, name: DocumentName, life: AtSource): () => Outcome {
    let isLost = false;
    const settled = (isStored: boolean): void => {
      if (this.#state === 'closed') return;
      if (!isStored && !isLost) {
        isLost = true;
        this.#later(range, name, life);
      }
      this.#moved();
    };
    return () => {
      this.#rememberSoon();
      return intake.outcome(range, settled);
    };
  }

  #later(range: Range, name: DocumentName, life: AtSource): void {
    range.open++;
    this.#settings.context.clock.after(retryMs, () => {
      if (this.#state === 'closed') return;
      this.#fetch(range, name, life);
    });
  }

  #done(range: Range): void {
    range.open--;
    this.#moved();
  }

  #failed(range: Range, name: DocumentName, life: AtSource, error: unknown): void {
    if (this.#state === 'closed') return;
    if (error instanceof CommitFailed) this.#later(range, name, life);
    else if (!this.isStuck(name, life, error)) {
      // There are too many to keep their names: the position waits here until this one can be had.
      this.#settings.context.clock.after(retryStuckMs, () => {
        if (this.#state !== 'closed') this.#fetch(range, name, life);
      });
      return;
    }
    this.#done(range);
  }

  /**
   * A document cannot be taken in. Gives whether the position may move on over it: not past so many of them that their names
   * are not kept, for then all are to be told again.
   */
  isStuck(name: DocumentName, life: AtSource, error: unknown): boolean {
    const code = error instanceof SyncError || error instanceof Unavailable ? error.code : 'unavailable';
    // In another life by now: that comes later in the feed, or has come.
    if (error instanceof Unavailable && code === 'document_deleted') {
      const stuck = this.#stuck.get(name);
      if (stuck && compareLives(stuck.life, life) <= 0) this.#stuck.delete(name);
      return true;
    }
    const { context, count, memory } = this.#settings;
    count('entriesStuck');
    if (!this.#stuck.has(name)) {
      if (this.#stuck.size >= maxStuck) return false;
      context.observe.notice({ event: 'document-stuck', peer: memory.name, reason: code });
      this.#retryEvery = 1;
    }
    this.#stuck.set(name, { code, life, since: this.#begun });
    // The position may have been written already.
    this.#remembered = -1;
    this.#rememberSoon();
    return true;
  }

  #retryStuck(): void {
    for (const [name, { life }] of this.#stuck) {
      if (this.#fetches.isWanted(name as DocumentName)) continue;
      // It is of no range: the position has gone on.
      const range = new Range(this.#intake!.told, 0, 0, 1);
      this.#fetch(range, name as DocumentName, life);
    }
  }

  #moved(): void {
    const intake = this.#intake;
    if (!intake || this.#state === 'closed') return;
    intake.settle();
    const { position, headSeen } = intake.committed;
    if (position >= headSeen && this.#stuck.size === 0) this.#held = position;
    if (position > this.#ackedThrough || this.#held !== this.#ackedHeld) this.#ackSoon();
    this.#settings.onProgress();
  }

  /** Once for all that is committed in a turn. */
  #ackSoon(): void {
    if (this.#isAckDue) return;
    this.#isAckDue = true;
    const { context, epoch, say } = this.#settings;
    context.clock.after(0, () => {
      this.#isAckDue = false;
      if (this.#state === 'closed' || !this.#intake) return;
      this.#ackedThrough = this.#intake.committed.position;
      this.#ackedHeld = this.#held;
      say({ say: 'ack', epoch, through: this.#ackedThrough, held: this.#held ?? 0 });
      if (this.#ackedThrough > this.#remembered) this.#rememberIn(rememberWithinMs);
    });
  }

  #rememberIn(milliseconds: number): void {
    this.#rememberTimer ??= this.#settings.context.clock.after(milliseconds, () => {
      this.#rememberTimer = undefined;
      this.#rememberSoon();
    });
  }

  /**
   * The position goes into the commit of what it covers; not into each of very many, for one that is a moment behind is as true.
   */
  #rememberSoon(): void {
    if (this.#isRemembering || this.#state === 'closed') return;
    const { context, memory } = this.#settings;
    const sinceMs = context.clock.now() - this.#rememberedMs;
    if (sinceMs < rememberEveryMs) return this.#rememberIn(rememberEveryMs - sinceMs);
    this.#isRemembering = true;
    this.#rememberedMs = context.clock.now();
    void context.memories
      .write(memory, () => this.#prepare())
      .catch(() => (this.#remembered = -1))
      .finally(() => (this.#isRemembering = false));
  }

  #prepare(): boolean {
    this.#isRemembering = false;
    const { memory } = this.#settings;
    if (this.#state === 'closed' || !this.#intake) return true;
    const { drafted } = this.#intake;
    if (drafted.position === this.#remembered) return false;
    this.#remembered = drafted.position;
    memory.checkpoint = this.#checkpointAt(drafted);
    memory.stuck = this.#stuckToRemember;
    return true;
  }

  /** Everything that the source is known to have is here: a point to come back to. */
  wasDrained(): void {
    const { memory } = this.#settings;
    if (!this.#intake || memory.drained.some((point) => this.#isHere(point))) return;
    memory.wasDrained(this.#checkpointAt(this.#intake.committed));
  }

  #isHere(point: Checkpoint | undefined): boolean {
    return (
      point !== undefined &&
      point.position === this.#intake!.committed.position &&
      isSame(point.epoch, this.#settings.epoch)
    );
  }
}

function lifeOf({ engine, incarnation, isDeleted }: Change): AtSource {
  return { engine, incarnation, isDeleted: isDeleted === 1 };
}
