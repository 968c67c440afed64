// Brings documents here to the life that they have at a source: deleted, or begun anew. A document that was never here is followed
// through what its incarnations held when they ended, so that nobody who still has some of it brings it back through this replica.
import type { DocumentName } from '@syncline/shared';
import { SyncError } from '@syncline/shared';
import type { Clock } from '../port/clock.ts';
import type { Engine } from '../port/engine.ts';
import type { Life, Visit } from '../core/visit.ts';
import { compareLives } from '../core/visit.ts';
import { answerWithinMs } from './limits.ts';
import type { Message } from './messages.ts';
import { Unavailable } from './unavailable.ts';

interface Asking {
  readonly resolve: (burials: readonly Uint8Array[]) => void;
  readonly reject: (error: Error) => void;
}

export class Lives {
  readonly #clock: Clock;
  readonly #engine: Engine;
  readonly #say: (message: Message) => void;
  readonly #asking = new Map<string, Asking[]>();
  #isClosed = false;

  readonly #onSilence: () => void;

  /** `onSilence` is called when a question is not answered. */
  constructor(clock: Clock, engine: Engine, say: (message: Message) => void, onSilence: () => void) {
    this.#clock = clock;
    this.#engine = engine;
    this.#say = say;
    this.#onSilence = onSilence;
  }

  /** Rejects with CommitFailed, CorruptRow or Unavailable, or when the link ends. */
  async follow(visit: Visit, life: Life): Promise<void> {
    const here = await visit.life();
    if (compareLives(life, here) <= 0) return;
    const hasEnded = life.isDeleted || life.incarnation > 1;
    const burials = hasEnded && here.isNew ? await this.burialsOf(visit.name) : [];
    await visit.follow(life, burials);
  }

  /** Throws `bad_frame` for what is no version of the engine's. */
  async burials({ document, burials }: Extract<Message, { say: 'burials' }>): Promise<void> {
    const copies = burials.map((burial) => burial.slice());
    try {
      for (const copy of copies) await this.#engine.version(copy, []);
    } catch {
      throw new SyncError('bad_frame', 'a burial cannot be read');
    }
    const asking = this.#asking.get(document) ?? [];
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
  burialsOf(document: DocumentName): Promise<readonly Uint8Array[]> {
    if (this.#isClosed) return Promise.reject(new SyncError('going_away'));
    return new Promise((resolve, reject) => {
      const asking = this.#asking.get(document);
      if (asking) return void asking.push({ resolve, reject });
      const questions: Asking[] = [{ resolve, reject }];
      this.#asking.set(document, questions);
      this.#say({ say: 'burialsOf', document });
      this.#clock.after(answerWithinMs, () => {
        if (this.#asking.get(document) === questions) this.#onSilence();
      });
    });
  }
}
