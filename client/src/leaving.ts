// Documents that nobody has open: there until what was typed in them is saved. Somebody may open one of them again meanwhile.
import type { Given } from './engine.ts';
import type { SharedDocument } from './shared-document.ts';
import type { Connection } from './sync/connection.ts';
import { isRefused } from './sync/connection-state.ts';

export class LeavingDocuments {
  readonly #connection: Connection;
  readonly #documents = new Set<SharedDocument>();
  /** Of documents that were open: by name, of which incarnation what is in them is. */
  readonly #incarnations = new WeakMap<object, Map<string, number>>();
  /** Called with the next change of the connection. */
  #waiting: (() => void)[] = [];

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  [Symbol.iterator](): Iterator<SharedDocument> {
    return this.#documents.values();
  }

  /** What is not acknowledged is still sent. */
  async add(document: SharedDocument): Promise<void> {
    this.#documents.add(document);
    document.leave();
    const departure = ++document.departures;
    if (document.status.local.state === 'loading') await document.loaded();
    while (!document.status.uploads.isSaved) {
      await document.settled();
      // Without a token that the server accepts nothing is lost for good.
      if (!isRefused(this.#connection.state) || document.status.uploads.isSaved) break;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    if (document.users > 0 || document.departures > departure) return;
    this.#documents.delete(document);
    document.close();
    this.#remember(document);
  }

  /** Gives one that is wanted again, if it is here. */
  takeBack(name: string, engine: string, given: Given): SharedDocument | undefined {
    for (const document of this.#documents) {
      const { held } = document;
      if (document.name !== name || held.content.engine !== engine || !held.isOf(given)) continue;
      this.#documents.delete(document);
      document.enter(given);
      return document;
    }
    return undefined;
  }

  /** Of which incarnation what was in it is when it was closed last, 0 if nothing is known of that. */
  incarnationOf(name: string, { doc }: Given): number {
    return (doc && this.#incarnations.get(doc)?.get(name)) ?? 0;
  }

  connectionChanged(): void {
    for (const heard of this.#waiting.splice(0)) heard();
  }

  /** Who opens it again with what is in it must not bring back what was deleted meanwhile. */
  #remember({ name, held: { doc }, content: { incarnation } }: SharedDocument): void {
    const incarnations = this.#incarnations.get(doc) ?? new Map<string, number>();
    this.#incarnations.set(doc, incarnations.set(name, incarnation));
  }
}
