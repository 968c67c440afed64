// The source's side of fetches: what a sink lacks of a document, part by part, as there is room.
import type { Documents } from '../core/documents.ts';
import { CorruptRow } from '../port/journal.ts';
import { documentName, SyncError } from '@syncline/shared';
import { floodFactor, maxAnswers, maxFetches } from './limits.ts';
import type { Message } from './messages.ts';

type Fetch = Extract<Message, { say: 'fetch' }>;

export interface AnswererSettings {
  readonly documents: Documents;
  /** Larger updates the sink does not read. */
  readonly maxUpdateBytes: number;
  readonly hasRoom: () => boolean;
  readonly say: (message: Message) => void;
  readonly onError: (error: unknown) => void;
}

export class Answerer {
  readonly #settings: AnswererSettings;
  readonly #waiting: Fetch[] = [];
  #running = 0;
  #isClosed = false;
  #onRoom: (() => void)[] = [];

  constructor(settings: AnswererSettings) {
    this.#settings = settings;
  }

  /** Throws `bad_frame` for more than a sink asks for at once. */
  fetch(fetch: Fetch): void {
    if (this.#waiting.length > maxFetches * floodFactor)
      throw new SyncError('bad_frame', 'it fetches more at once than a replica does');
    this.#waiting.push({ ...fetch, request: fetch.request.slice() });
    this.#next();
  }

  /** There is room again. */
  advance(): void {
    if (!this.#settings.hasRoom()) return;
    for (const resolve of this.#onRoom.splice(0)) resolve();
  }

  close(): void {
    this.#isClosed = true;
    this.#waiting.length = 0;
    for (const resolve of this.#onRoom.splice(0)) resolve();
  }

  #next(): void {
    while (this.#running < maxAnswers && this.#waiting.length > 0) {
      this.#running++;
      void this.#answer(this.#waiting.shift()!).finally(() => {
        this.#running--;
        if (!this.#isClosed) this.#next();
      });
    }
  }

  async #answer({ ticket, document, incarnation, request }: Fetch): Promise<void> {
    const { documents, say, onError } = this.#settings;
    try {
      const visit = documents.visit(documentName(document));
      try {
        const life = await visit.life();
        if (life.isDeleted || life.incarnation !== incarnation) throw new SyncError('document_deleted');
        let part = 0;
        for await (const updates of visit.answer(request)) {
          while (!this.#settings.hasRoom() && !this.#isClosed) await this.#room();
          if (this.#isClosed) return;
          if (updates.some(({ length }) => length > this.#settings.maxUpdateBytes))
            throw new SyncError('update_too_large');
          say({ say: 'document', ticket, part: part++, isLast: 0, updates });
        }
        if (!this.#isClosed) say({ say: 'document', ticket, part, isLast: 1, updates: [] });
      } finally {
        visit.end();
      }
    } catch (error) {
      if (this.#isClosed) return;
      if (error instanceof SyncError) say({ say: 'unavailable', ticket, code: error.code });
      else if (error instanceof CorruptRow) say({ say: 'unavailable', ticket, code: 'unavailable' });
      else onError(error);
    }
  }

  #room(): Promise<void> {
    return new Promise((resolve) => this.#onRoom.push(resolve));
  }
}
