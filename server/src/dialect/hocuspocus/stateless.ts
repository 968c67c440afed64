// Messages beside the documents: a provider says one to the server, and the server says one to every provider that has a document open
// here. Nothing of them is stored, and whoever does not read is left out.
import type { DocumentName } from '@syncline/shared';
import type { Observe } from '../../port/observe.ts';

/** What a provider says to the server. */
export interface StatelessMessage {
  readonly document: DocumentName;
  readonly payload: string;
  /** Answers whoever said it. */
  readonly reply: (payload: string) => void;
  /** Tells everybody who has the document open here, whoever said it included. */
  readonly broadcast: (payload: string) => void;
}

export type OnStateless = (message: StatelessMessage) => void | Promise<void>;

export interface StatelessListener {
  stateless(payload: string): void;
}

export class Stateless {
  readonly #observe: Observe;
  /** Without this what providers say is heard by nobody. */
  readonly #onStateless: OnStateless | undefined;
  readonly #listeners = new Map<DocumentName, Set<StatelessListener>>();

  constructor(observe: Observe, onStateless?: OnStateless) {
    this.#observe = observe;
    this.#onStateless = onStateless;
  }

  join(document: DocumentName, listener: StatelessListener): void {
    const listeners = this.#listeners.get(document);
    if (listeners) listeners.add(listener);
    else this.#listeners.set(document, new Set([listener]));
  }

  leave(document: DocumentName, listener: StatelessListener): void {
    const listeners = this.#listeners.get(document);
    listeners?.delete(listener);
    if (listeners?.size === 0) this.#listeners.delete(document);
  }

  /** Gives how many have the document open here. */
  broadcast(document: DocumentName, payload: string): number {
    const listeners = this.#listeners.get(document);
    for (const listener of listeners ?? []) listener.stateless(payload);
    return listeners?.size ?? 0;
  }

  /** A provider has said something. */
  heard(document: DocumentName, payload: string, reply: (payload: string) => void): void {
    if (!this.#onStateless) return;
    const broadcast = (text: string): void => void this.broadcast(document, text);
    try {
      const done = this.#onStateless({ document, payload, reply, broadcast });
      void done?.catch((error: unknown) => this.#failed(error));
    } catch (error) {
      this.#failed(error);
    }
  }

  #failed(error: unknown): void {
    this.#observe.notice({ event: 'internal-error', reason: String(error) });
  }
}
