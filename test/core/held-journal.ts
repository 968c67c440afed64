// The journal in memory, whose commits a test can hold back or let fail: after their draft was drawn up, before anything
// of it is stored.
import {
  CommitFailed,
  CorruptRow,
  type Committed,
  type Draft,
  type Head,
} from '@syncline/server/port/journal.ts';
import { MemoryJournal } from '@syncline/server/store/memory.ts';
import type { DocumentName } from '@syncline/shared';

const any = '';

export class HeldJournal extends MemoryJournal {
  /** How many of the next commits fail. */
  failures = 0;
  isMarkingBroken = false;
  /** Documents that cannot be read. */
  readonly unreadable = new Set<string>();
  commits = 0;
  /** How often a document was read. */
  reads = 0;
  readonly #gates = new Map<string, PromiseWithResolvers<void>>();

  /** From now on no commit of the document ends, or of any. */
  hold(name = any): void {
    this.#gates.set(name, Promise.withResolvers());
  }

  release(name = any): void {
    this.#gates.get(name)?.resolve();
    this.#gates.delete(name);
  }

  releaseAll(): void {
    // Releasing changes the map that is walked.
    for (const name of Array.from(this.#gates.keys())) this.release(name);
  }

  override async head(name: DocumentName): Promise<Head | undefined> {
    this.reads++;
    if (this.unreadable.has(name)) throw new CorruptRow('its row is damaged');
    return super.head(name);
  }

  override async append(name: DocumentName, draft: () => Draft): Promise<Committed> {
    await Promise.resolve();
    const drafted = draft();
    await this.#gates.get(any)?.promise;
    await this.#gates.get(name)?.promise;
    if (this.failures > 0) {
      this.failures--;
      throw new CommitFailed('the disk is full');
    }
    this.commits++;
    return super.append(name, () => drafted);
  }

  override async markCostly(document: number): Promise<void> {
    if (this.isMarkingBroken) throw new CommitFailed('the disk is full');
    return super.markCostly(document);
  }
}
