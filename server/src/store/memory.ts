// The journal in memory, under the same contract: for tests of what stands on it, and for trying things out.
import type { DocumentName } from '@syncline/shared';
import type {
  ChunkPage,
  Committed,
  Draft,
  FeedPage,
  Head,
  Journal,
  JournalStatistics,
  LeafPage,
  Listing,
  LogPage,
  Replacement,
  Restoration,
  Salvage,
  Sequence,
  TreeSums,
} from '../port/journal.ts';
import type { Memory } from './batch.ts';
import { CommitQueue } from './commit-queue.ts';
import { epochBytes, Lineage, replicaBytes } from './lineage.ts';
import { chunksOf, type DamagedRow, headOf, listingOf, logOf, salvageOf } from './stored-document.ts';
import { StoredDocuments } from './stored-documents.ts';

export class MemoryJournal implements Journal {
  readonly digestKey: Uint8Array;
  readonly replica: Uint8Array;
  #lineage: Lineage;
  #epochs = 0;
  readonly #documents: StoredDocuments;
  readonly #memories = new Map<string, Memory>();
  readonly #queue = new CommitQueue();
  #isCommitting = false;

  /** Journals that are several replicas of one cluster have one digest key, and ids of their own. */
  constructor(
    digestKey: Uint8Array = new Uint8Array(16),
    replica: Uint8Array = new Uint8Array(replicaBytes).fill(1),
  ) {
    this.digestKey = digestKey;
    this.replica = replica;
    this.#documents = new StoredDocuments(digestKey);
    this.#lineage = new Lineage([this.#newEpoch()]);
  }

  get epoch(): Uint8Array {
    return this.#lineage.epoch;
  }

  get lastSequence(): Sequence {
    return this.#documents.head;
  }

  isInLineage(epoch: Uint8Array, sequence: Sequence): boolean {
    return this.#lineage.includes(epoch, sequence, this.#documents.head);
  }

  append(name: DocumentName, draft: () => Draft): Promise<Committed> {
    this.#schedule();
    return this.#queue.append(name, draft);
  }

  async head(name: DocumentName): Promise<Head | undefined> {
    const stored = this.#documents.find(name);
    return stored && headOf(stored);
  }

  async log(document: number, after: Sequence, maxBytes: number): Promise<LogPage | 'compacted'> {
    return logOf(this.#documents.expect(document), after, maxBytes);
  }

  async chunks(
    document: number,
    through: Sequence,
    from: number,
    maxBytes: number,
  ): Promise<ChunkPage | 'replaced'> {
    return chunksOf(this.#documents.expect(document), through, from, maxBytes);
  }

  async replace(replacement: Replacement): Promise<Sequence | undefined> {
    const { sequence } = this.#documents.replace(replacement);
    return replacement.digest && sequence;
  }

  async salvage(name: DocumentName): Promise<Salvage | undefined> {
    const stored = this.#documents.find(name);
    return stored && salvageOf(stored);
  }

  async restore(restoration: Restoration): Promise<Sequence> {
    return this.#documents.restoreDocument(restoration).sequence;
  }

  /** For tests: as a disk would damage it. */
  damage(name: DocumentName, row: DamagedRow): void {
    this.#documents.damage(name, row);
  }

  async markCostly(document: number): Promise<void> {
    this.#documents.markCostly(document);
  }

  async beginEpoch(): Promise<Uint8Array> {
    this.#lineage = this.#lineage.followedBy({ ...this.#newEpoch(), start: this.#lineage.start });
    return this.epoch;
  }

  async feed(after: Sequence, maxListings: number): Promise<FeedPage> {
    return this.#documents.feed(after, maxListings);
  }

  async countAfter(sequence: Sequence): Promise<number> {
    return this.#documents.countAfter(sequence);
  }

  async named(alias: Uint8Array): Promise<DocumentName | undefined> {
    return this.#documents.named(alias);
  }

  async listings(names: readonly DocumentName[]): Promise<readonly (Listing | undefined)[]> {
    return names.map((name) => {
      const stored = this.#documents.find(name);
      return stored && listingOf(stored);
    });
  }

  async sums(of: 'root' | 'branches' | number): Promise<TreeSums | undefined> {
    return this.#documents.sums(of);
  }

  async leaf(leaf: number, after: string, maxListings: number): Promise<LeafPage> {
    return this.#documents.leaf(leaf, after, maxListings);
  }

  async memories(): Promise<readonly Memory[]> {
    return [...this.#memories.values()];
  }

  remember(key: Uint8Array, take: () => Uint8Array | undefined): Promise<void> {
    this.#schedule();
    return this.#queue.remember(key, take);
  }

  async statistics(): Promise<JournalStatistics> {
    return { databaseBytes: 0, logBytes: 0 };
  }

  async stop(): Promise<void> {}

  /** One turn of the queue later, as a commit that gathers would. */
  #schedule(): void {
    if (this.#isCommitting) return;
    this.#isCommitting = true;
    queueMicrotask(() => {
      this.#isCommitting = false;
      this.#commit();
    });
  }

  #commit(): void {
    const { drafts, memories, committed, failed } = this.#queue.gather();
    try {
      const stored = this.#documents.commit(drafts);
      for (const { key, value } of memories) this.#keep({ key: key.slice(), value: value.slice() });
      committed(stored.map(({ id: document, sequence }) => ({ document, sequence })));
    } catch (error) {
      failed(error as Error);
    }
  }

  #keep(memory: Memory): void {
    const name = memory.key.join();
    if (memory.value.length > 0) this.#memories.set(name, memory);
    else this.#memories.delete(name);
  }

  #newEpoch() {
    return { id: new Uint8Array(epochBytes).fill(++this.#epochs), start: this.#documents.head };
  }
}
