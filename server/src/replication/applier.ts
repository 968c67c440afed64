// Takes in what a source tells of its documents: updates that an entry brings, deletions, and whole documents, which are fetched. What
// cannot be taken in is stuck, and what a commit loses is fetched again.
//
// Events: a range of entries was told; an update of them is drafted, committed or lost; a document was fetched.
// Invariant: an entry of a range is done when all of it is committed here, or its document is among those that are stuck.
import { documentName, type DocumentName, SyncError } from '@syncline/shared';
import type { Author, Outcome } from '../core/member.ts';
import { compareLives } from '../core/visit.ts';
import { CommitFailed } from '../port/journal.ts';
import type { ReplicationContext } from './context.ts';
import type { LinkCount } from './contract.ts';
import { Fetches } from './fetches.ts';
import { Range } from './intake.ts';
import { maxCopyBytes, retryStuckMs } from './limits.ts';
import type { AtSource, Lives } from './lives.ts';
import type { Change, Message } from './messages.ts';
import type { PeerMemory } from './peer-memory.ts';
import { isSame } from './replica-id.ts';
import { StuckDocuments } from './stuck-documents.ts';
import { Unavailable } from './unavailable.ts';

export interface ApplierSettings {
  readonly context: ReplicationContext;
  readonly lives: Lives;
  readonly memory: PeerMemory;
  readonly author: Author;
  readonly say: (message: Message) => void;
  readonly count: (what: LinkCount, by?: number) => void;
  /** Nothing more is to be read, or may be again. */
  readonly hold: (isFull: boolean) => void;
  /** Something of the source goes into the next commit. */
  readonly onTaking: () => void;
  /** A document cannot be taken in, or another code is the reason. */
  readonly onStuck: () => void;
  /** Something of a range, or of a document that was stuck, is done. */
  readonly onApplied: () => void;
  /** The link is of no use any more. */
  readonly onError: (error: unknown) => void;
}

/** How long a commit that failed is waited for before what it lost is fetched. */
const retryMs = 1_000;

export class Applier {
  readonly stuck: StuckDocuments;
  readonly #settings: ApplierSettings;
  readonly #fetches: Fetches;
  readonly #copying = new Set<(error: Error) => void>();
  #isClosed = false;

  constructor(settings: ApplierSettings) {
    const { context, author, say, memory, lives, onError } = (this.#settings = settings);
    this.stuck = new StuckDocuments(memory.stuck);
    this.#fetches = new Fetches({
      clock: context.clock,
      documents: context.documents,
      lives,
      author,
      say,
      hold: (isFull) => settings.hold(isFull),
      onSilence: () => onError(new SyncError('silent', 'a fetch was not answered')),
    });
  }

  /** Takes what a range tells in: each of its entries brings all that has changed, or is looked at. */
  apply(range: Range, entries: readonly Change[]): void {
    const unknown: { name: DocumentName; change: Change }[] = [];
    for (const entry of entries) {
      const name = documentName(entry.document);
      if (!this.#settings.context.engines.has(entry.engine))
        this.#failed(range, name, lifeOf(entry), new Unavailable('unsupported_engine'));
      else if (entry.updates.length > 0) void this.#takeCarried(range, name, entry);
      else unknown.push({ name, change: entry });
    }
    if (unknown.length > 0) void this.#compare(range, unknown);
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
      const fetch = this.stuck.beginFetch();
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
    if (this.#isClosed) reject(new SyncError('going_away'));
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

  /** What an entry brought with it is what its document has got since the entries before it. */
  async #takeCarried(range: Range, name: DocumentName, change: Change): Promise<void> {
    const { context, author, count } = this.#settings;
    count('entriesCarried');
    const life = lifeOf(change);
    const visit = context.documents.visit(name, life.engine);
    // The frame that they are views of is the socket's.
    const updates = change.updates.map((update) => update.slice());
    const outcomes = this.#outcomes(range, name, life);
    try {
      await this.#settings.lives.follow(visit, life);
      await visit.take(life.incarnation, updates, author, outcomes);
      this.stuck.hasComeTo(name, life);
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
      if (this.#isClosed) return;
      unknown.forEach(({ name, change }, index) => {
        const listing = listings[index];
        const life = lifeOf(change);
        const order = compareLives(life, listing ?? { incarnation: 1, isDeleted: false });
        if (listing && order === 0 && (life.isDeleted || isSame(listing.digest, change.digest))) {
          count('entriesEqual');
          this.stuck.remove(name);
          this.#done(range);
        } else if (order < 0) {
          // It has ended here, of which the source hears by itself.
          count('entriesEqual');
          if (listing) this.stuck.hasComeTo(name, listing);
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
      this.#settings.onTaking();
      await this.#settings.lives.follow(visit, life);
      this.stuck.remove(name);
      this.#done(range);
    } catch (error) {
      this.#failed(range, name, life, error);
    } finally {
      visit.end();
    }
  }

  #fetch(range: Range, name: DocumentName, life: AtSource): void {
    this.#settings.count('entriesFetched');
    const fetch = this.stuck.beginFetch();
    let unsettled = 1;
    const settle = (): void => {
      if (--unsettled === 0) this.#mended(name, fetch);
    };
    const outcomes = this.#outcomes(range, name, life);
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

  #mended(name: DocumentName, fetch: number): void {
    if (this.stuck.wasFetched(name, fetch)) this.#settings.onApplied();
  }

  /** What becomes of the updates of one entry. If one is lost, all of its document is fetched, once. */
  #outcomes(range: Range, name: DocumentName, life: AtSource): () => Outcome {
    let isLost = false;
    const settled = (isStored: boolean): void => {
      if (this.#isClosed) return;
      if (!isStored && !isLost) {
        isLost = true;
        this.#later(range, name, life);
      }
      this.#settings.onApplied();
    };
    return () => {
      this.#settings.onTaking();
      return range.outcome(settled);
    };
  }

  #later(range: Range, name: DocumentName, life: AtSource): void {
    range.open++;
    this.#settings.context.clock.after(retryMs, () => {
      if (this.#isClosed) return;
      this.#fetch(range, name, life);
    });
  }

  #done(range: Range): void {
    range.open--;
    this.#settings.onApplied();
  }

  #failed(range: Range, name: DocumentName, life: AtSource, error: unknown): void {
    if (this.#isClosed) return;
    if (error instanceof CommitFailed) this.#later(range, name, life);
    else if (!this.isStuck(name, life, error)) {
      // There are too many to keep their names: the position waits here until this one can be had.
      this.#settings.context.clock.after(retryStuckMs, () => {
        if (!this.#isClosed) this.#fetch(range, name, life);
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
    if (error instanceof Unavailable && code === 'document_deleted') {
      if (this.stuck.add(name, code, life)) void this.#lookForItsEnd(name, life);
      return true;
    }
    const { context, count, memory } = this.#settings;
    count('entriesStuck');
    const isNews = !this.stuck.has(name);
    if (!this.stuck.add(name, code, life)) return false;
    if (isNews) context.observe.notice({ event: 'document-stuck', peer: memory.name, reason: code });
    this.#settings.onStuck();
    return true;
  }

  /**
   * At the source it is in another life by now, of which the feed tells, or has told. Until it has, this one is missing here: a source that
   * is put back to an earlier state may have it again.
   */
  async #lookForItsEnd(name: DocumentName, { engine }: AtSource): Promise<void> {
    this.#settings.onStuck();
    const visit = this.#settings.context.documents.visit(name, engine);
    try {
      this.stuck.hasComeTo(name, await visit.life());
      this.#settings.onApplied();
    } catch {
      // It cannot be read: it stays among those that are tried again.
    } finally {
      visit.end();
    }
  }

  /** Fetches them once more, those that are not being fetched. */
  retryStuck(): void {
    for (const { document, life } of this.stuck.toRemember) {
      const name = document as DocumentName;
      if (this.#fetches.isWanted(name)) continue;
      // It is of no range: the position has gone on.
      const range = new Range(0, 0, 0, 1);
      this.#fetch(range, name, life);
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#fetches.close();
    for (const reject of this.#copying) reject(new SyncError('going_away'));
  }
}

function lifeOf({ engine, incarnation, isDeleted }: Change): AtSource {
  return { engine, incarnation, isDeleted: isDeleted === 1 };
}
