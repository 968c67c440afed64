// Brings documents here to the life that they have at a source: deleted, or begun anew. A document that was never here is followed
// through what its incarnations held when they ended, so that nobody who still has some of it brings it back through this replica.
import type { DocumentName } from '@syncline/shared';
import { SyncError } from '@syncline/shared';
import type { Clock } from '../port/clock.ts';
import type { Engines } from '../port/engine.ts';
import type { Life, Visit } from '../core/visit.ts';
import { compareLives } from '../core/visit.ts';
import { answerWithinMs } from './limits.ts';
import type { Message } from './messages.ts';
import { Unavailable } from './unavailable.ts';

/** What a document is at a source: its life there, and its engine. */
export interface AtSource extends Life {
  readonly engine: string;
}

interface Asking {
  readonly engine: string;
  readonly resolve: (burials: readonly Uint8Array[]) => void;
  readonly reject: (error: Error) => void;
}

export class Lives {
  readonly #clock: Clock;
  readonly #engines: Engines;
  readonly #say: (message: Message) => void;
  readonly #asking = new Map<string, Asking[]>();
  #isClosed = false;

  readonly #onSilence: () => void;

  /** `onSilence` is called when a question is not answered. */
  constructor(clock: Clock, engines: Engines, say: (message: Message) => void, onSilence: () => void) {
    this.#clock = clock;
    this.#engines = engines;
    this.#say = say;
    this.#onSilence = onSilence;
  }

  /** Rejects with CommitFailed, CorruptRow or Unavailable, or when the link ends. */
  async follow(visit: Visit, life: AtSource): Promise<void> {
    const here = await visit.life();
    if (compareLives(life, here) <= 0) return;
    const hasEnded = life.isDeleted || life.incarnation > 1;
    const burials = hasEnded && here.isNew ? await this.burialsOf(visit.name, life.engine) : [];
    await visit.follow(life, burials);
  }

  /** Throws `bad_frame` for what is no version of the engine's. */
  async burials({ document, burials }: Extract<Message, { say: 'burials' }>): Promise<void> {
    const asking = this.#asking.get(document) ?? [];
    const engine = this.#engines.get(asking[0]?.engine ?? '');
    if (!engine) return;
    const copies = burials.map((burial) => burial.slice());
    try {
      for (const copy of copies) await engine.version(copy, []);
    } catch {
      throw new SyncError('bad_frame', 'a burial cannot be read');
    }
    this.#asking.delete(document);
    // A document that has ended was something: the source cannot read what.
    const answer = copies.length > 0 ? undefined : new Unavailable('unavailable');
    for (const { resolve, reject } of asking) {
      if (answer) reject(answer);
      else resolve(copies);
    }
  }

  close(): void {
    this.#isClosed = true;
    for (const asking of this.#asking.values())
      for (const { reject } of asking) reject(new SyncError('going_away'));
    this.#asking.clear();
  }

  /**
   * What the last deleted incarnations of a document held at the source, oldest first; at least one. Rejects with Unavailable where
   * the source does not know, or when the link ends.
   */
  burialsOf(document: DocumentName, engine: string): Promise<readonly Uint8Array[]> {
    if (this.#isClosed) return Promise.reject(new SyncError('going_away'));
    return new Promise((resolve, reject) => {
      const asking = this.#asking.get(document);
      if (asking) return void asking.push({ engine, resolve, reject });
      const questions: Asking[] = [{ engine, resolve, reject }];
      this.#asking.set(document, questions);
      this.#say({ say: 'burialsOf', document });
      this.#clock.after(answerWithinMs, () => {
        if (this.#asking.get(document) === questions) this.#onSilence();
      });
    });
  }
}
