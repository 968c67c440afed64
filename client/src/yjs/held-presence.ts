// Who is present in an open document: in an Awareness of its own, which ends with it, or in one that the application has lent, which stays
// as it is when the document is closed.
import type { PresenceEntry } from '@syncline/shared';
import { Awareness } from 'y-protocols/awareness';
import type * as Y from 'yjs';
import type { BoundPresence } from '../engine.ts';
import { bindAwareness, type BoundAwareness } from './presence.ts';

export class HeldPresence implements BoundPresence {
  readonly #doc: Y.Doc;
  #awareness: Awareness;
  #isLent: boolean;
  #say: (entries: readonly PresenceEntry[]) => void = () => {};
  #bound: BoundAwareness | undefined;
  /** What is known of the others, who do not say it again for an awareness that comes later. */
  readonly #others = new Map<number, PresenceEntry>();

  constructor(doc: Y.Doc, lent: Awareness | undefined) {
    this.#doc = doc;
    this.#awareness = lent ?? new Awareness(doc);
    this.#isLent = lent !== undefined;
  }

  get awareness(): Awareness {
    return this.#awareness;
  }

  bind(say: (entries: readonly PresenceEntry[]) => void): BoundPresence {
    this.#say = say;
    this.#bound = bindAwareness(this.#awareness, say);
    return this;
  }

  heard(entries: readonly PresenceEntry[]): void {
    for (const entry of entries) {
      if (entry.state) this.#others.set(entry.client, entry);
      else this.#others.delete(entry.client);
    }
    this.#bound?.heard(entries);
  }

  beginAnew(): void {
    this.#others.clear();
    this.#bound?.beginAnew();
  }

  /** Nobody has the document open any more. */
  leave(): void {
    if (this.#isLent) this.end();
    else this.#awareness.setLocalState(null);
  }

  /** Somebody has it open again, perhaps with an awareness to lend. */
  enter(lent: Awareness | undefined): void {
    if (!this.#isLent && !lent) return this.#awareness.setLocalState({});
    this.end();
    this.#awareness = lent ?? new Awareness(this.#doc);
    this.#isLent = lent !== undefined;
    this.#bound = bindAwareness(this.#awareness, this.#say);
    this.#bound.heard([...this.#others.values()]);
  }

  end(): void {
    const bound = this.#bound;
    this.#bound = undefined;
    if (this.#isLent) bound?.letGo();
    else bound?.end();
  }
}
