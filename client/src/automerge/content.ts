// An Automerge document as content. It is immutable, so this holds the one that is current, and everything that changes it goes
// through here.
import * as A from '@automerge/automerge';
import { decodeHeadsRequest, encodeHeadsRequest, headsFingerprint, sampleIndexes } from '@syncline/shared';
import type { Content, ContentChanges } from '../sync/content.ts';
import { concatenated, fromHex, toHex } from './chunk.ts';
import { takeIn } from './intake.ts';

export interface ChangeOptions {
  /** Kept with the change, for its history. */
  readonly message?: string | undefined;
}

/** How a document came to be what it is. */
export interface DocumentChange {
  readonly isLocal: boolean;
  readonly patches: readonly A.Patch[];
}

type Subscriber<Shape> = (current: A.Doc<Shape>, change: DocumentChange) => void;

export class AutomergeContent<Shape> implements Content {
  readonly engine = 'automerge';
  #current: A.Doc<Shape>;
  #isChanging = false;
  readonly #listeners = new Set<ContentChanges>();
  readonly #subscribers = new Set<Subscriber<Shape>>();
  /** Changes of which the subscribers have not been told: one of them may make another. */
  readonly #untold: [A.Doc<Shape>, DocumentChange][] = [];
  #isTelling = false;

  /**
   * What is in `given` is in it from the beginning. The actor is another one each time: two that write under one make changes that can
   * never be in one document.
   */
  constructor(given?: A.Doc<Shape>) {
    this.#current = given ? A.clone(given) : A.init<Shape>();
  }

  get current(): A.Doc<Shape> {
    return this.#current;
  }

  get isEmpty(): boolean {
    return A.getHeads(this.#current).length === 0 && !this.hasGaps;
  }

  get hasGaps(): boolean {
    return A.getMissingDeps(this.#current, []).length > 0;
  }

  get isChanging(): boolean {
    return this.#isChanging;
  }

  /** Throws what `change` throws, and nothing is changed then. */
  change(change: A.ChangeFn<Shape>, { message }: ChangeOptions = {}): void {
    const before = this.#current;
    const patches: A.Patch[] = [];
    const patchCallback = (some: readonly A.Patch[]): void => {
      for (const patch of some) patches.push(patch);
    };
    if (this.#isChanging) throw new Error('a change cannot be made in the midst of another');
    this.#isChanging = true;
    try {
      const options = message === undefined ? { patchCallback } : { message, patchCallback };
      this.#current = A.change(before, options, change);
    } finally {
      this.#isChanging = false;
    }
    if (this.#current !== before) this.#edited(A.getLastLocalChange(this.#current)!);
    for (const { changed } of this.#listeners) changed();
    if (this.#current !== before) this.#tell({ isLocal: true, patches });
  }

  /** Calls `subscriber` after every change. Gives what ends that. */
  subscribe(subscriber: Subscriber<Shape>): () => void {
    const own: Subscriber<Shape> = (current, change) => subscriber(current, change);
    this.#subscribers.add(own);
    return () => this.#subscribers.delete(own);
  }

  request(): Uint8Array {
    const history = A.topoHistoryTraversal(this.#current);
    return encodeHeadsRequest({
      heads: this.#heads(),
      samples: sampleIndexes(history.length).map((index) => fromHex(history[index]!)),
    });
  }

  deletions(): Uint8Array {
    return new Uint8Array(0);
  }

  fingerprint(): Uint8Array {
    return headsFingerprint(this.#heads());
  }

  lacking(request: Uint8Array): readonly Uint8Array[] {
    const { heads, samples } = decodeHeadsRequest(request);
    // What is not known here would make it everything.
    const known = [...heads, ...samples].map(toHex).filter((hash) => A.hasHeads(this.#current, [hash]));
    return A.getChangesSince(this.#current, known);
  }

  whole(): readonly Uint8Array[] {
    return [A.save(this.#current)];
  }

  apply(updates: readonly Uint8Array[]): void {
    const before = this.#current;
    const heads = A.getHeads(before);
    // What comes may bring in what came by another way before it, and waited for it: the server has not seen that.
    const completesOthers = this.hasGaps;
    const { doc, patches, errors } = takeIn(before, updates);
    this.#current = doc;
    if (completesOthers) for (const change of A.getChangesSince(doc, heads)) this.#edited(change);
    if (String(A.getHeads(doc)) !== String(heads)) this.#tell({ isLocal: false, patches });
    if (errors.length > 0) throw errors[0];
  }

  merge(updates: readonly Uint8Array[]): readonly Uint8Array[] {
    return [concatenated(updates)];
  }

  listen(listener: ContentChanges): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #heads(): Uint8Array[] {
    return A.getHeads(this.#current).map(fromHex);
  }

  #edited(change: Uint8Array): void {
    for (const { edited } of this.#listeners) edited(change);
  }

  /** In order, whoever of them changes the document while it is told of a change. */
  #tell(change: DocumentChange): void {
    this.#untold.push([this.#current, change]);
    if (this.#isTelling) return;
    this.#isTelling = true;
    for (let next = this.#untold.shift(); next; next = this.#untold.shift()) {
      for (const subscriber of this.#subscribers) subscriber(...next);
    }
    this.#isTelling = false;
  }
}
