// The source's side of a link: what has been committed here, on its way to one sink. It has a position in the log like any
// reader; what is sent and not acknowledged is bounded, and a sink that is slow is told of documents instead of updates.
//
// Events: the sink says where it has come to; something is committed; the sink acknowledges; there is room again.
// Invariant: everything up to `#sent` has been said in this round, or came from the sink itself.
import type { Commit } from '../core/commits.ts';
import type { Piece } from '../core/live-entry.ts';
import type { Clock, Timer } from '../port/clock.ts';
import type { Journal, Sequence } from '../port/journal.ts';
import type { LinkCount } from './contract.ts';
import type { Told } from './heartbeat.ts';
import { entryBytes, maxUnackedBytes, maxUnackedEntries, pageListings } from './limits.ts';
import type { Change, Checkpoint, Message } from './messages.ts';
import { isSame } from './replica-id.ts';
import type { RecentCommits } from './recent-commits.ts';

/** What came from another replica goes on with its updates if they are no more than it would cost to ask for them. */
const maxRelayedBytes = 1_024;
/** How long the sink is not told that what came from it is all there was. */
const quietMs = 50;
/** What is larger is fetched, in parts and as there is room. */
const maxCarriedBytes = 256 * 1024;

export interface FeederSettings {
  readonly clock: Clock;
  readonly journal: Journal;
  readonly recent: RecentCommits;
  /** The author under which the sink's own updates are taken in here. */
  readonly sink: object;
  /** Whether an author is another replica. */
  readonly isReplica: (author: object) => boolean;
  readonly hasRoom: () => boolean;
  readonly say: (message: Message) => void;
  readonly count: (what: LinkCount, by?: number) => void;
  /** The sink goes on from a position; `isHeld` says that it holds everything up to there. */
  readonly onResumed: (position: Sequence, isHeld: boolean) => void;
  /** The sink has read more of this epoch than there is of it. */
  readonly onRegression: () => void;
  readonly onError: (error: unknown) => void;
}

interface Unacked {
  readonly through: Sequence;
  readonly bytes: number;
  readonly entries: number;
}

export class Feeder {
  readonly #settings: FeederSettings;
  #round: number | undefined;
  #sent: Sequence = 0;
  /** Behind `#sent` only by what came from the sink. */
  #told: Sequence = 0;
  #quiet: Timer | undefined;
  #acknowledged: Sequence = 0;
  /** A page that ended before the head has left documents out that have changed again since: up to there the last entry stands for all. */
  #deferredThrough: Sequence = 0;
  #isReading = false;
  #isClosed = false;
  #unacked: Unacked[] = [];
  #unackedBytes = 0;
  #unackedEntries = 0;

  constructor(settings: FeederSettings) {
    this.#settings = settings;
  }

  resume(round: number, candidates: readonly Checkpoint[]): void {
    const { journal, say } = this.#settings;
    const head = journal.lastSequence;
    if (candidates.some(({ epoch, headSeen }) => isSame(epoch, journal.epoch) && headSeen > head))
      this.#settings.onRegression();
    const candidate = candidates.findIndex((each) => this.#isGood(each));
    this.#unacked = [];
    this.#unackedBytes = this.#unackedEntries = 0;
    if (candidate < 0) {
      this.#round = undefined;
      this.#acknowledged = 0;
      this.#settings.onResumed(0, false);
      return say({ say: 'regressed', round });
    }
    this.#round = round;
    const { position, headSeen } = candidates[candidate]!;
    this.#sent = this.#told = this.#acknowledged = position;
    this.#quiet?.cancel();
    this.#quiet = undefined;
    this.#deferredThrough = headSeen;
    this.#settings.onResumed(position, position === headSeen);
    say({ say: 'resumed', round, candidate, head });
    this.advance();
  }

  /** How much the sink holds, as it has said in this round; 0 while it is to find out. */
  get acknowledged(): Sequence {
    return this.#acknowledged;
  }

  get told(): Told {
    return this.#round === undefined ? { round: 0, told: 0 } : { round: this.#round, told: this.#told };
  }

  acked(through: Sequence): void {
    if (this.#round !== undefined) this.#acknowledged = Math.max(this.#acknowledged, through);
    while (this.#unacked[0] && this.#unacked[0].through <= through) {
      const { bytes, entries } = this.#unacked.shift()!;
      this.#unackedBytes -= bytes;
      this.#unackedEntries -= entries;
    }
    this.advance();
  }

  /** There is more to say, or room for it. */
  advance(): void {
    while (this.#mayGoOn() && this.#sent < this.#settings.journal.lastSequence) {
      const commits = this.#settings.recent.after(this.#sent);
      if (!commits) return void this.#readPage();
      if (commits.length === 0) return;
      this.#tell(commits);
    }
  }

  /** Reads what was committed and not told of within the turn in which it was: nothing as a rule. */
  catchUp(): void {
    this.advance();
    if (this.#mayGoOn() && this.#sent < this.#settings.journal.lastSequence) void this.#readPage();
  }

  close(): void {
    this.#isClosed = true;
    this.#quiet?.cancel();
  }

  /** A position is as good as the head that was seen with it: what lay between the two is not read again. */
  #isGood({ epoch, position, headSeen }: Checkpoint): boolean {
    if (position === 0 && headSeen === 0) return true;
    return position <= headSeen && this.#settings.journal.isInLineage(epoch, headSeen);
  }

  #mayGoOn(): boolean {
    if (this.#isClosed || this.#isReading || this.#round === undefined || !this.#settings.hasRoom())
      return false;
    return this.#unackedBytes < maxUnackedBytes && this.#unackedEntries < maxUnackedEntries;
  }

  #tell(commits: readonly Commit[]): void {
    const entries: Change[] = [];
    let bytes = 0;
    let through = this.#sent;
    for (const commit of commits) {
      if (bytes >= maxUnackedBytes / 4 || entries.length >= pageListings) break;
      through = commit.sequence;
      const change = this.#changeOf(commit);
      if (!change) continue;
      entries.push(change);
      bytes += bytesOf(change);
    }
    if (entries.length > 0) return this.#send(entries, through, bytes);
    // All of it came from the sink, which need not be told at once: what it says next is answered with it, too.
    this.#sent = through;
    this.#quiet ??= this.#settings.clock.after(quietMs, () => {
      this.#quiet = undefined;
      if (this.#sent > this.#told && !this.#isClosed) this.#send([], this.#sent, 0);
    });
  }

  /** Undefined for what came from the sink: it has it. */
  #changeOf(commit: Commit): Change | undefined {
    const { sink, isReplica, count } = this.#settings;
    if (commit.sequence <= this.#deferredThrough) return { ...changeOf(commit), updates: [] };
    const news = commit.pieces.filter(({ author }) => author !== sink);
    if (news.length === 0 && commit.pieces.length > 0) {
      count('pushSuppressed');
      return undefined;
    }
    const isRelayed = news.every(({ author }) => isReplica(author));
    const isCarried = sizeOf(news) <= (isRelayed ? maxRelayedBytes : maxCarriedBytes);
    const updates = isCarried ? news.map(({ update }) => update) : [];
    if (updates.length > 0) {
      count('pushSent');
      count('pushBytes', sizeOf(news));
    }
    return { ...changeOf(commit), updates };
  }

  async #readPage(): Promise<void> {
    const { journal, count, onError } = this.#settings;
    const round = this.#round;
    this.#isReading = true;
    count('pushBehind');
    try {
      const { listings, head } = await journal.feed(this.#sent, pageListings);
      this.#isReading = false;
      if (this.#isClosed) return;
      if (round === this.#round) {
        const isWhole = listings.length < pageListings;
        const through = isWhole ? head : listings.at(-1)!.sequence;
        if (!isWhole) this.#deferredThrough = head;
        const entries = listings.map((listing) => ({ ...changeOf(listing), updates: [] }));
        this.#send(entries, through, entries.length * entryBytes, head);
      }
      this.advance();
    } catch (error) {
      this.#isReading = false;
      onError(error);
    }
  }

  /** `headRead` is the head with which a page was read: it leaves out what has changed up to there, of which we may not have heard. */
  #send(entries: readonly Change[], through: Sequence, bytes: number, headRead = through): void {
    const from = this.#told;
    const { say, journal } = this.#settings;
    const head = Math.max(headRead, journal.lastSequence);
    this.#quiet?.cancel();
    this.#quiet = undefined;
    this.#sent = this.#told = through;
    this.#unacked.push({ through, bytes, entries: entries.length });
    this.#unackedBytes += bytes;
    this.#unackedEntries += entries.length;
    say({ say: 'changes', round: this.#round!, from, through, head, entries });
  }
}

type Listed = Omit<Commit, 'pieces'>;

export function changeOf({
  name,
  engine,
  sequence,
  digest,
  incarnation,
  isDeleted,
}: Listed): Omit<Change, 'updates'> {
  return { document: name, engine, sequence, digest, incarnation, isDeleted: Number(isDeleted) };
}

export function bytesOf({ updates }: Change): number {
  return updates.reduce((sum, { length }) => sum + length, entryBytes);
}

function sizeOf(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, { update }) => sum + update.length, 0);
}
