// Damaged documents, on their way to being whole: one at a time, from the first linked replica that has it. Without one a document stays
// as it is, and is tried again when a link comes up, or after a while.
//
// Events: a row of a document turned out to be damaged; a link came up; time has passed.
// Invariant: nothing is taken away before what takes its place is built and read back.
import { type DocumentName, SyncError } from '@syncline/shared';
import { inspect } from '../core/inspection.ts';
import type { Life } from '../core/visit.ts';
import type { Timer } from '../port/clock.ts';
import type { ReplicationContext } from './context.ts';
import type { Link } from './link.ts';
import { maxDamaged, repairAgainMs, repairSoonMs } from './limits.ts';

/** `later`: for a reason that goes by itself. `hopeless`: as long as no other replica is linked. */
type Outcome = 'whole' | 'later' | 'hopeless';

export class Repairs {
  readonly #context: ReplicationContext;
  readonly #links: () => readonly Link[];
  readonly #queue = new Set<DocumentName>();
  /** Known to be damaged, and reported. */
  readonly #damaged = new Set<DocumentName>();
  readonly #again: Timer;
  readonly #endListening: () => void;
  #soon: Timer | undefined;
  #isRunning = false;
  #isStopped = false;

  constructor(context: ReplicationContext, links: () => readonly Link[]) {
    this.#context = context;
    this.#links = links;
    this.#again = context.clock.every(repairAgainMs, () => this.#tryAll());
    this.#endListening = context.documents.listenToDamage((document) => this.suspect(document));
  }

  /** Something of a document could not be read. */
  suspect(document: DocumentName): void {
    // What is known is tried again in its own time, however often somebody opens it.
    if (this.#damaged.has(document) || this.#damaged.size + this.#queue.size >= maxDamaged) return;
    this.#queue.add(document);
    void this.#run();
  }

  /** Another replica is linked. */
  linked(): void {
    this.#tryAll();
  }

  stop(): void {
    this.#isStopped = true;
    this.#again.cancel();
    this.#soon?.cancel();
    this.#endListening();
  }

  #tryAll(): void {
    for (const document of this.#damaged) this.#queue.add(document);
    void this.#run();
  }

  async #run(): Promise<void> {
    if (this.#isRunning) return;
    this.#isRunning = true;
    for (const document of this.#queue) {
      if (this.#isStopped) break;
      const outcome = await this.#attempt(document);
      this.#queue.delete(document);
      if (outcome === 'whole') this.#damaged.delete(document);
      if (outcome === 'later') this.#trySoon();
    }
    this.#isRunning = false;
  }

  #trySoon(): void {
    if (this.#isStopped) return;
    this.#soon ??= this.#context.clock.after(repairSoonMs, () => {
      this.#soon = undefined;
      this.#tryAll();
    });
  }

  async #attempt(document: DocumentName): Promise<Outcome> {
    try {
      return await this.#repair(document);
    } catch (error) {
      // A commit that failed, a task that was too much: what is stored is as it was.
      const reason = error instanceof Error ? error.message : String(error);
      if (!this.#isStopped && !(error instanceof SyncError))
        this.#context.observe.notice({ event: 'repair-failed', reason });
      return 'later';
    }
  }

  async #repair(name: DocumentName): Promise<Outcome> {
    const { journal, observe } = this.#context;
    const condition = await inspect(name, this.#context);
    if (condition.is !== 'damaged') return condition.is === 'unknown' ? 'later' : 'whole';
    if (!this.#damaged.has(name)) {
      this.#damaged.add(name);
      observe.scrubbed('damaged');
      observe.notice({ event: 'document-damaged', reason: condition.reason });
    }
    const [listing] = await journal.listings([name]);
    // Its own row is damaged: it is not known what it was.
    if (!listing) return 'hopeless';
    const life: Life = { incarnation: listing.incarnation, isDeleted: listing.isDeleted };
    for (const link of this.#links()) if (await this.#repairFrom(link, name, life)) return 'whole';
    return 'hopeless';
  }

  /** Gives whether the document is whole again. */
  async #repairFrom(link: Link, name: DocumentName, life: Life): Promise<boolean> {
    const { documents, observe } = this.#context;
    const copy = await link.copyOf(name, life).catch(unlessEnded);
    if (!copy) return false;
    const isOver = copy === 'over';
    // What is intact is enough to be taken away with this life.
    const restored = await documents.restore(name, isOver ? { life, updates: [], burials: [] } : copy);
    if (!restored) return false;
    observe.scrubbed('repaired');
    observe.notice({ event: 'document-repaired', ...restored, peer: link.peer.name });
    for (const each of this.#links()) each.retryStuck();
    if (isOver) await link.audit(name);
    return true;
  }
}

/** Of a link that ended meanwhile: another one may do, and the next one that comes up. */
function unlessEnded(error: unknown): undefined {
  if (!(error instanceof SyncError)) throw error;
}
