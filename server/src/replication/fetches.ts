// Documents that are fetched from a source: a few at once, each told in parts that are taken in as they come.
import { type DocumentName, SyncError } from '@syncline/shared';
import type { Documents } from '../core/documents.ts';
import type { Author, Outcome } from '../core/member.ts';
import type { Visit } from '../core/visit.ts';
import type { Clock, Timer } from '../port/clock.ts';
import { fetchBehindOthersMs, fetchWithinMs, maxFetches, maxKeptBytes } from './limits.ts';
import type { AtSource, Lives } from './lives.ts';
import type { Message } from './messages.ts';
import { Unavailable } from './unavailable.ts';

/** A document that is wanted, and what becomes of it. */
export interface Want {
  readonly name: DocumentName;
  readonly life: AtSource;
  /** Set where nothing of it can be read here: all of it is asked for, and its parts are given to this instead of being taken in. */
  readonly copy?: { readonly request: Uint8Array; readonly take: (updates: readonly Uint8Array[]) => void };
  /** Called for each update that is submitted, and for what is here when it is asked for the rest. */
  readonly outcome: () => Outcome;
  /** All of it was submitted; `news` is how many updates added something. */
  fetched(news: number): void;
  /** It cannot be given, or not be taken in. */
  failed(error: unknown): void;
}

interface Fetching {
  readonly want: Want;
  readonly visit: Visit;
  /** When it was asked for, or its last part came. */
  heardMs: number;
  next: number;
  news: number;
  taking: Promise<void>;
}

export interface FetchesSettings {
  readonly clock: Clock;
  readonly documents: Documents;
  readonly lives: Lives;
  readonly author: Author;
  readonly say: (message: Message) => void;
  /** So much was told that nothing more is to be read, or may be again. */
  readonly hold: (isFull: boolean) => void;
  /** The source has not answered in time: the link is of no use. */
  readonly onSilence: () => void;
}

export class Fetches {
  readonly #settings: FetchesSettings;
  readonly #waiting: Want[] = [];
  readonly #fetching = new Map<number, Fetching>();
  #running = 0;
  #tickets = 0;
  #keptBytes = 0;
  #heardMs = 0;
  #watch: Timer | undefined;
  #isClosed = false;

  constructor(settings: FetchesSettings) {
    this.#settings = settings;
  }

  want(want: Want): void {
    this.#waiting.push(want);
    this.#next();
  }

  /** A part of a document. Parts that nobody has asked for, or that come out of order, are not heard: the document is asked for again. */
  document({ ticket, part, isLast, updates }: Extract<Message, { say: 'document' }>): void {
    const fetching = this.#fetching.get(ticket);
    if (!fetching) return;
    this.#heardMs = fetching.heardMs = this.#settings.clock.now();
    if (part !== fetching.next) return this.#again(ticket, fetching);
    fetching.next++;
    const copies = updates.map((update) => update.slice());
    const bytes = copies.reduce((sum, { length }) => sum + length, 0);
    this.#keep(bytes);
    fetching.taking = fetching.taking.then(() => this.#take(fetching, copies)).then(() => this.#keep(-bytes));
    if (isLast === 0) return;
    void fetching.taking.then(() => {
      // It may have failed with an earlier part.
      if (!this.#fetching.has(ticket)) return;
      this.#end(ticket);
      fetching.want.fetched(fetching.news);
    });
  }

  /** Whether a document is being fetched, or waits for it. */
  isWanted(name: DocumentName): boolean {
    return (
      this.#waiting.some((want) => want.name === name) ||
      [...this.#fetching.values()].some(({ want }) => want.name === name)
    );
  }

  unavailable(ticket: number, code: string): void {
    const fetching = this.#fetching.get(ticket);
    this.#heardMs = this.#settings.clock.now();
    if (fetching && this.#end(ticket)) fetching.want.failed(new Unavailable(code));
  }

  close(): void {
    this.#isClosed = true;
    this.#watch?.cancel();
    this.#waiting.length = 0;
    for (const ticket of this.#fetching.keys()) this.#end(ticket);
  }

  #next(): void {
    while (!this.#isClosed && this.#running < maxFetches && this.#waiting.length > 0) {
      this.#running++;
      void this.#fetch(this.#waiting.shift()!);
    }
  }

  async #fetch(want: Want): Promise<void> {
    const { clock, documents, say } = this.#settings;
    const visit = documents.visit(want.name, want.life.engine);
    try {
      if (!want.copy) await this.#settings.lives.follow(visit, want.life);
      const { incarnation } = want.life;
      const request = want.copy?.request ?? (await visit.request(want.outcome));
      if (this.#isClosed) return this.#leave(visit);
      const ticket = ++this.#tickets;
      const heardMs = clock.now();
      this.#fetching.set(ticket, { want, visit, heardMs, next: 0, news: 0, taking: Promise.resolve() });
      this.#watchOver();
      say({ say: 'fetch', ticket, document: want.name, incarnation, request });
    } catch (error) {
      this.#leave(visit);
      if (this.#isClosed) return;
      // It has been deleted here meanwhile, of which the source will hear.
      if (error instanceof SyncError && error.code === 'document_deleted') want.fetched(0);
      else want.failed(error);
    }
  }

  async #take(fetching: Fetching, updates: readonly Uint8Array[]): Promise<void> {
    const { want, visit } = fetching;
    const { incarnation } = want.life;
    try {
      if (want.copy) return want.copy.take(updates);
      const { documents } = this.#settings;
      while (documents.isFull && !this.#isClosed)
        await new Promise<void>((resolve) => documents.held({ letThrough: resolve }));
      if (this.#isClosed) return;
      fetching.news += await visit.take(incarnation, updates, this.#settings.author, () => want.outcome());
    } catch (error) {
      const ticket = this.#ticketOf(fetching);
      if (ticket !== undefined && this.#end(ticket)) want.failed(error);
    }
  }

  /** A large document takes its time, and so do those behind it; what is waited for is that anything comes. */
  #watchOver(): void {
    const { clock, onSilence } = this.#settings;
    this.#watch ??= clock.after(fetchWithinMs / 2, () => {
      this.#watch = undefined;
      const now = clock.now();
      // Nothing can come while the link is not read.
      if (this.#keptBytes > 0) this.#heardMs = now;
      const isSilent = [...this.#fetching.values()].some(
        ({ heardMs }) =>
          now - Math.max(heardMs, this.#heardMs) >= fetchWithinMs || now - heardMs >= fetchBehindOthersMs,
      );
      if (isSilent) onSilence();
      else if (this.#fetching.size > 0) this.#watchOver();
    });
  }

  /** So much more, or less, has been told and is not taken in. */
  #keep(bytes: number): void {
    this.#keptBytes += bytes;
    if (this.#isClosed) return;
    if (this.#keptBytes > maxKeptBytes) this.#settings.hold(true);
    else if (this.#keptBytes * 2 <= maxKeptBytes) this.#settings.hold(false);
  }

  #again(ticket: number, { want }: Fetching): void {
    if (this.#end(ticket)) this.want(want);
  }

  #ticketOf(fetching: Fetching): number | undefined {
    for (const [ticket, each] of this.#fetching) if (each === fetching) return ticket;
    return undefined;
  }

  #end(ticket: number): boolean {
    const fetching = this.#fetching.get(ticket);
    if (!fetching) return false;
    this.#fetching.delete(ticket);
    // What is being taken in still needs its document to stay.
    void fetching.taking.finally(() => this.#leave(fetching.visit));
    return true;
  }

  #leave(visit: Visit): void {
    visit.end();
    this.#running--;
    this.#next();
  }
}
