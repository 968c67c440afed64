// A document on which another replica works, or an operator: kept from coming to rest meanwhile.
import type { DocumentName, PresenceEntry } from '@syncline/shared';
import { SyncError } from '@syncline/shared';
import type { Engine } from '../port/engine.ts';
import type { Sequence } from '../port/journal.ts';
import { answerPieces } from './answer.ts';
import { type Document, wrongEngine } from './document.ts';
import type { Ephemeral } from './ephemeral.ts';
import { maxPresenceEntriesOfDocument } from './limits.ts';
import type { Author, Outcome } from './member.ts';
import type { OwnedPresence } from './presence.ts';

/** Which of the incarnations under its name a document is in, and whether that one has been deleted. */
export interface Life {
  readonly incarnation: number;
  readonly isDeleted: boolean;
}

/** Below 0 if the first is the earlier one: a deletion ends its incarnation, and the next one comes after it. */
export function compareLives(a: Life, b: Life): number {
  return a.incarnation - b.incarnation || Number(a.isDeleted) - Number(b.isDeleted);
}

export class Visit {
  readonly #document: Document;
  readonly #engine: Engine | undefined;

  /** `engine` is that of what is brought; undefined for whoever brings nothing. */
  constructor(document: Document, engine?: Engine) {
    this.#document = document;
    this.#engine = engine;
    document.visitorIs(true);
  }

  get name(): DocumentName {
    return this.#document.name;
  }

  /** Called once. */
  end(): void {
    this.#document.visitorIs(false);
  }

  /** `isNew` if nothing was ever committed under its name. Rejects with CorruptRow. */
  async life(): Promise<Life & { readonly isNew: boolean }> {
    const document = this.#document;
    if (document.isResting) await document.look();
    const { incarnation, isDeleted, head } = document;
    return { incarnation, isDeleted, isNew: head === 0 };
  }

  /** What its incarnations held that were deleted, as the engine encodes versions, oldest first. Rejects with CorruptRow. */
  async buried(): Promise<readonly Uint8Array[]> {
    return (await this.#document.look())?.buried ?? [];
  }

  /**
   * What makes another holder send what is missing here. What it leaves out for that may still wait for its commit, of which the
   * outcome that `asking` gives is told. Rejects with `document_deleted`, `wrong_engine` or CorruptRow.
   */
  async request(asking: () => Outcome): Promise<Uint8Array> {
    while (!this.#document.isLoaded) await this.#document.load();
    this.#expectEngine();
    this.#document.follow(asking());
    return this.#document.request();
  }

  /**
   * Takes updates of an incarnation in; each waits for its commit, of which the outcome that `submitting` gives is told. Gives how many
   * of them added something; none do if the document is in another incarnation. Rejects with the SyncErrors of `Engine.check` and
   * `Document.submit`, or with CorruptRow.
   */
  async take(
    incarnation: number,
    updates: readonly Uint8Array[],
    author: Author,
    submitting: () => Outcome,
  ): Promise<number> {
    const document = this.#document;
    let news = 0;
    for (const update of updates) {
      const checked = this.#expectEngine().check(update);
      const summary = checked instanceof Promise ? await checked : checked;
      try {
        while (!document.isLoaded) await document.load();
      } catch (error) {
        if (error instanceof SyncError && error.code === 'document_deleted') return news;
        throw error;
      }
      if (document.incarnation !== incarnation) return news;
      const outcome = submitting();
      try {
        if (document.submit(author, update, summary, outcome).isNews) news++;
      } catch (error) {
        // It was not taken, and no commit will tell of it.
        outcome.settled(true);
        throw error;
      }
    }
    return news;
  }

  /**
   * Brings the document to a life that comes after its own. `burials` are what its last deleted incarnations held elsewhere, for one
   * that was never here. Rejects with CommitFailed.
   */
  async follow(life: Life, burials: readonly Uint8Array[] = []): Promise<void> {
    if (compareLives(life, await this.life()) <= 0) return;
    const lastDeleted = life.isDeleted ? life.incarnation : life.incarnation - 1;
    let incarnation = Math.max(1, lastDeleted - burials.length + 1);
    for (const burial of burials.slice(0, -1)) {
      await this.#document.bury(incarnation, burial);
      await this.#document.revive(++incarnation);
    }
    // What is here is of an incarnation that has ended elsewhere.
    if (lastDeleted > 0) await this.#document.bury(lastDeleted, burials.at(-1));
    if (!life.isDeleted) await this.#document.revive(life.incarnation);
  }

  /** Deletes the document. Gives whether there was one. Rejects with CommitFailed. */
  async delete(): Promise<boolean> {
    await this.#document.settled();
    const head = await this.#document.look();
    if (!head || head.isDeleted) return false;
    await this.#document.bury(this.#document.incarnation);
    return true;
  }

  /** Begins a deleted document anew, with nothing in it. Gives whether it was deleted. Rejects with CommitFailed. */
  async undelete(): Promise<boolean> {
    const { isDeleted, incarnation } = await this.life();
    if (isDeleted) await this.#document.revive(incarnation + 1);
    return isDeleted;
  }

  /**
   * Yields pages of what a holder with this request lacks, in causal order, none of them empty. Throws `bad_frame`,
   * `document_deleted` or CorruptRow.
   */
  async *answer(request: Uint8Array): AsyncGenerator<readonly Uint8Array[], Sequence, void> {
    const document = this.#document;
    try {
      const head = await document.load();
      return head ? yield* answerPieces(document, head, document.engine.readRequest(request)) : 0;
    } catch (error) {
      document.readingFailed(error);
      throw error;
    }
  }

  /** That of what is brought, if the document is of that one. Throws `wrong_engine`. Only when the document is known. */
  #expectEngine(): Engine {
    const { engine } = this.#document;
    if (this.#engine !== engine) throw wrongEngine(engine);
    return engine;
  }

  /** What a holder says of presence. Gives what it is to be answered. Throws `malformed_presence`. */
  heardPresence(owner: object, entries: readonly PresenceEntry[], nowMs: number): readonly PresenceEntry[] {
    const answers = this.#document.presence.receive(owner, entries, nowMs, maxPresenceEntriesOfDocument);
    this.#document.presenceChanged();
    return answers;
  }

  /** What somebody elsewhere says to all who have the document open. */
  heardEphemeral(owner: object, message: Ephemeral): void {
    this.#document.ephemeral(owner, message);
  }

  /** Everybody who is here, or has left lately. */
  presence(): readonly OwnedPresence[] {
    return this.#document.hasPresence ? this.#document.presence.recent() : [];
  }
}
