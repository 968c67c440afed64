// Whether what was typed in a text is on the disks of all replicas, as the replica that took it says.
import type { SyncedDocument } from '../src/index.ts';

/** `nothing` was typed; `asking` began a moment ago; `lacking`: some still lack it; `all` have it. */
export type HeldState = 'nothing' | 'asking' | 'lacking' | 'all';

/** What takes longer is told: where nothing is cut it is a matter of milliseconds. */
const noticedMs = 500;

export class Holders {
  readonly #document: SyncedDocument;
  readonly #count: number;
  readonly #changed: () => void;
  #edits = 0;
  #state: HeldState = 'nothing';

  /** Calls `changed` after every change of the state. */
  constructor(document: SyncedDocument, count: number, changed: () => void) {
    this.#document = document;
    this.#count = count;
    this.#changed = changed;
    document.doc.on('update', (_update, _origin, _doc, { local }) => {
      if (!local) return;
      this.#edits++;
      if (this.#state === 'nothing' || this.#state === 'all') void this.#ask();
    });
  }

  get state(): HeldState {
    return this.#state;
  }

  /** Asks for what was typed meanwhile in one go. */
  async #ask(): Promise<void> {
    this.#is('asking');
    const late = setTimeout(() => this.#is('lacking'), noticedMs);
    try {
      for (let held = -1; held < this.#edits;) {
        const edits = this.#edits;
        await this.#document.saved({ tier: { replicas: this.#count } });
        held = edits;
      }
      this.#is('all');
    } catch {
      // It was refused, which the status tells.
      this.#is('nothing');
    } finally {
      clearTimeout(late);
    }
  }

  #is(state: HeldState): void {
    this.#state = state;
    this.#changed();
  }
}
