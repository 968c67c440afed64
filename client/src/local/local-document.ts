// A document as it is kept on this device: reads it when it is opened, adds what is typed and what comes, and puts a snapshot in the
// place of many entries.
//
// Invariants: what is kept holds everything up to the position of its mark, which goes with the data in one transaction; an entry
// leaves the queue when it is written, or with all others when the whole document takes their place; a tab that has typed what no
// server has acknowledged has said so in the transaction that keeps it.
import type { Content } from '../sync/content.ts';
import type { Platform } from '../sync/platform.ts';
import type { SyncedContent } from '../sync/synced-content.ts';
import type { Keeper, KeptSource } from './keeper.ts';
import { earlierIn, type Saying, sayingOf, saysTheSame } from './saying.ts';
import {
  type KeptDocument,
  LocalStoreError,
  type LocalWrite,
  type LocalWritten,
  type Unsaved,
} from './store.ts';
import { Tail } from './tail.ts';

/** What of a document is kept on this device. */
export type LocalStatus =
  /** Nothing: the client was given no store. */
  | { readonly state: 'memory' }
  /** What is kept has not been read yet, or has; `isWritten` says that all that was typed since is kept as well. */
  | { readonly state: 'loading' | 'kept'; readonly isWritten: boolean }
  /** It could not be read, or not be written: what is typed is in memory alone. */
  | { readonly state: 'failed'; readonly error: LocalStoreError };

interface Parts {
  readonly name: string;
  readonly content: Content;
  readonly synced: SyncedContent;
  readonly keeper: Keeper;
  readonly platform: Platform;
  /** What this tab is called in what is kept. */
  readonly tab: string;
  readonly changed: () => void;
}

export class LocalDocument implements KeptSource {
  readonly #parts: Parts;
  #life: string | undefined;
  /** Everything through this entry is in the document. */
  #through = 0;
  /** Other tabs have written behind it. */
  #isBehind = false;
  #tail = new Tail();
  #queue: Uint8Array[] = [];
  /** What is kept is to be added to with all that is in the document. */
  #isWhole = false;
  /** What was said last beside the updates. */
  #said: Saying | undefined;
  /** What others have not saved, as it was read, and what of it is being taken back. */
  #others: readonly Unsaved[] = [];
  #takenBack: readonly Unsaved[] = [];
  #hasRead = false;
  #isOver = false;
  #error: LocalStoreError | undefined;
  /** Counts what has come into the document, so that what came before a moment can be told from the rest. */
  #count = 0;
  /** When something was typed last, by that count. */
  #typedAt = 0;
  #written = 0;
  #taken = 0;
  /** Somebody waits for the device's word. */
  #isAsked = false;
  /** How many entries are being written. */
  #added = 0;
  #waiting: { readonly count: number; resolve: () => void; reject: (error: Error) => void }[] = [];
  #reading: Promise<void> | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
    // What it was begun with is kept nowhere.
    if (!parts.content.isEmpty) [this.#isWhole, this.#written] = [true, -1];
    parts.keeper.add(this);
  }

  get document(): string {
    return this.#parts.name;
  }

  get status(): LocalStatus {
    if (this.#error) return { state: 'failed', error: this.#error };
    const isWritten = this.#written >= this.#typedAt && !this.#isWhole;
    return { state: this.#hasRead ? 'kept' : 'loading', isWritten };
  }

  /** Reads what is kept, once. Resolves when that is in the document, or cannot be; it is tried again then. */
  load(): Promise<void> {
    return (this.#reading ??= this.#load().finally(() => (this.#reading = undefined)));
  }

  /** Resolves when everything that is in the document now is kept on this device. Rejects with a LocalStoreError where it cannot be. */
  async saved(): Promise<void> {
    const { synced, platform, keeper } = this.#parts;
    // In the midst of a change it is not known yet what has been typed.
    if (synced.isChanging) await new Promise<void>((resolve) => void platform.after(0, resolve));
    synced.flush();
    const { durability } = keeper;
    if (this.#error) throw this.#error;
    if (durability.state === 'failed' && durability.retryAtMs === undefined) throw durability.error;
    // Also where everything was written: a browser may have cleared it away since, which the device says when it is asked.
    this.#isAsked = true;
    keeper.ask(this, { isUrgent: true });
    await new Promise<void>((resolve, reject) => this.#waiting.push({ count: this.#count, resolve, reject }));
  }

  /** Something was typed here. */
  edited(updates: readonly Uint8Array[]): void {
    this.#add(updates);
    this.#typedAt = this.#count;
    this.#parts.keeper.ask(this, { isUrgent: true });
  }

  /** Something came from a server. */
  received(updates: readonly Uint8Array[]): void {
    this.#add(updates);
    this.#parts.keeper.ask(this, { isUrgent: false });
  }

  #add(updates: readonly Uint8Array[]): void {
    this.#count++;
    // It is in the whole, which is still to be taken, or never will be.
    if (!this.#isWhole && !this.#isOver) this.#queue.push(...updates);
  }

  /** How far servers have been heard, or what they have acknowledged, may have changed. */
  heard(): void {
    if (this.#hasRead && !this.#hasSaid(this.#saying())) this.#parts.keeper.ask(this, { isUrgent: false });
  }

  /** Another tab is gone: what it has said to be unsaved is for this one to take back. */
  inherit(): void {
    // What it told of it may not have kept.
    this.#writeWhole();
    this.catchUp();
  }

  /** Others may have written what nobody told this tab, and nobody else sends: while it was set aside, and they are gone. */
  catchUp(): void {
    // What has not been read will be.
    if (this.#hasRead)
      void this.#readOthers(({ unsaved }) => {
        const { synced, tab: own } = this.#parts;
        this.#others = unsaved.filter(({ tab }) => tab !== own);
        if (this.#others.length > 0) synced.inherit();
      });
  }

  /** What is not written yet is written by the keeper. */
  close(): void {
    this.#parts.keeper.remove(this);
    this.#reject(new Error('the document was closed'));
  }

  take(): LocalWrite | undefined {
    const { name, content } = this.#parts;
    // Before it has been read nobody knows to what it would be added.
    if (!this.#hasRead || this.#isOver) return undefined;
    const saying = this.#saying();
    const isNothing = !this.#isWhole && this.#queue.length === 0 && this.#hasSaid(saying);
    if (isNothing && !this.#isAsked) return undefined;
    this.#isAsked = false;
    const updates = this.#isWhole ? content.whole() : this.#queue;
    this.#isWhole = false;
    this.#queue = [];
    this.#taken = this.#count;
    this.#said = saying;
    this.#tail.added(updates);
    const { mark, unsaved, isSaved } = saying;
    const saved = isSaved ? this.#others : [];
    this.#takenBack = saved;
    this.#added = updates.length;
    const { engine } = content;
    return {
      document: name,
      engine,
      life: this.#life,
      updates,
      mark,
      unsaved,
      saved,
      snapshot: this.#snapshot(),
    };
  }

  written(answer: LocalWritten): void {
    switch (answer.is) {
      case 'written':
        this.#wrote(answer);
        break;
      case 'of-another-life':
        // Who has kept it anew may have another incarnation of it: that is looked at before anything is added.
        this.#life = undefined;
        this.#through = 0;
        this.#tail = new Tail();
        this.#hasRead = false;
        this.#writeWhole();
        void this.load();
        break;
      case 'of-another-engine':
        this.#end(
          new LocalStoreError('failed', `what is kept under this name is a document of ${answer.engine}`),
        );
    }
    this.#parts.changed();
  }

  failed(error: LocalStoreError): void {
    this.#error = error;
    this.#writeWhole();
    this.#reject(error);
    this.#parts.changed();
  }

  again(): void {
    if (this.#isOver) return;
    if (this.#hasRead) this.#parts.keeper.ask(this, { isUrgent: true });
    else void this.load();
  }

  async #load(): Promise<void> {
    const { keeper, name, synced, changed } = this.#parts;
    try {
      const kept = await keeper.read(name);
      this.#error = undefined;
      if (kept?.mark?.incarnation) await synced.met();
      if (kept) this.#restore(kept);
      this.#hasRead = true;
      keeper.ask(this, { isUrgent: true });
    } catch (error) {
      return this.failed(error as LocalStoreError);
    }
    changed();
  }

  #restore(kept: KeptDocument): void {
    const { content, synced, platform } = this.#parts;
    const incarnation = kept.mark?.incarnation ?? 0;
    if (kept.engine !== content.engine) {
      return this.#end(
        new LocalStoreError('failed', `what is kept under this name is a document of ${kept.engine}`),
      );
    }
    if (synced.incarnation !== 0 && incarnation !== 0 && incarnation !== synced.incarnation) {
      // The one of them has been deleted: nothing of it may get into the other.
      return this.#end(
        new LocalStoreError('failed', 'what is kept under this name is a document that was deleted'),
      );
    }
    this.#life = kept.life;
    this.#through = kept.through;
    this.#tail.read(kept);
    this.#others = kept.unsaved;
    const earlier = earlierIn(kept.unsaved, platform);
    synced.restore(kept.updates, { earlier, resume: kept.mark?.resume, incarnation });
  }

  #hasSaid(saying: Saying): boolean {
    return this.#said !== undefined && saysTheSame(this.#said, saying);
  }

  #saying(): Saying {
    const { synced, platform, tab } = this.#parts;
    return sayingOf({ synced, platform, tab, isSaidByOthers: this.#others.length > 0 });
  }

  #snapshot(): LocalWrite['snapshot'] {
    if (this.#life === undefined || !this.#tail.isLong || this.#isBehind) return undefined;
    const whole = this.#parts.content.whole();
    this.#tail.replaced(whole);
    return { bytes: whole, through: this.#through };
  }

  #wrote({ life, through }: Extract<LocalWritten, { is: 'written' }>): void {
    this.#life = life;
    this.#error = undefined;
    this.#written = this.#taken;
    this.#others = this.#others.filter((each) => !this.#takenBack.includes(each));
    this.#isBehind = through - this.#added !== this.#through;
    if (!this.#isBehind) this.#through = through;
    else if (this.#tail.isLong) void this.#readOthers();
    this.#waiting = this.#waiting.filter(({ count, resolve }) => {
      if (count > this.#written) return true;
      resolve();
      return false;
    });
  }

  /** What other tabs have written in between: a snapshot has to hold it. */
  async #readOthers(read?: (kept: KeptDocument) => void): Promise<void> {
    const { keeper, name, synced } = this.#parts;
    try {
      const kept = await keeper.read(name, { life: this.#life!, through: this.#through });
      if (!kept || kept.life !== this.#life) return;
      synced.takeIn(kept.updates);
      this.#through = kept.through;
      this.#tail.is(kept.tail);
      this.#isBehind = false;
      read?.(kept);
      keeper.ask(this, { isUrgent: false });
    } catch {
      // The keeper says that the store fails, and there is another time.
    }
  }

  #writeWhole(): void {
    this.#queue = [];
    this.#isWhole = true;
    this.#written = Math.min(this.#written, this.#typedAt - 1);
    this.#parts.keeper.ask(this, { isUrgent: true });
  }

  #reject(error: Error): void {
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }

  #end(error: LocalStoreError): void {
    this.#isOver = true;
    this.#queue = [];
    this.#error = error;
    this.#reject(error);
  }
}
