// Reads all documents through, a few at a time and over and over, so that damage on the disk is found while another replica still
// has what was lost. Knows no repair; what it finds is told.
import type { DocumentName } from '@syncline/shared';
import type { CoreContext } from '../core/context.ts';
import type { Documents } from '../core/documents.ts';
import { inspect } from '../core/inspection.ts';
import type { Timer } from '../port/clock.ts';
import type { Sequence } from '../port/journal.ts';
import { maxBusyBytes, scrubbedDocuments, scrubMs, scrubRestFactor } from './limits.ts';

export interface ScrubContext extends CoreContext {
  readonly documents: Pick<Documents, 'queuedBytes'>;
}

export class Scrub {
  readonly #context: ScrubContext;
  readonly #onDamage: (document: DocumentName) => void;
  #timer: Timer | undefined;
  #isAtWork = false;
  #isStopped = false;
  /** Documents whose last change is up to here have been read in this pass. */
  #cursor: Sequence = 0;

  constructor(context: ScrubContext, onDamage: (document: DocumentName) => void) {
    this.#context = context;
    this.#onDamage = onDamage;
  }

  /** Begins; called once. */
  run(): void {
    this.#timer = this.#context.clock.every(scrubMs, () => void this.#round());
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
  }

  async #round(): Promise<void> {
    // A round that takes longer is no reason for two of them.
    if (this.#isAtWork) return;
    this.#isAtWork = true;
    try {
      await this.#readOn();
    } catch {
      // What cannot be read for a reason other than damage is read the next time; whoever needs it reports that.
    } finally {
      this.#isAtWork = false;
    }
  }

  /**
   * Some more documents in the order of their last changes. One that changes meanwhile is read again at the end of the pass, and the
   * pass ends at the head.
   */
  async #readOn(): Promise<void> {
    const { journal, documents } = this.#context;
    const { listings } = await journal.feed(this.#cursor, scrubbedDocuments);
    for (const { name, sequence } of listings) {
      if (this.#isStopped || documents.queuedBytes > maxBusyBytes) return;
      await this.#read(name);
      this.#cursor = sequence;
    }
    if (listings.length < scrubbedDocuments) this.#cursor = 0;
  }

  async #read(name: DocumentName): Promise<void> {
    const { clock, observe } = this.#context;
    const began = clock.now();
    const { is } = await inspect(name, this.#context);
    if (is === 'damaged') this.#onDamage(name);
    else if (is === 'intact') observe.scrubbed('ok');
    const restMs = (clock.now() - began) * scrubRestFactor;
    await new Promise<void>((resolve) => void clock.after(restMs, resolve));
  }
}
