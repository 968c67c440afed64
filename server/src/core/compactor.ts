// Decides when a document's tail is worth a new snapshot, and has one made: one document at a time, nothing on the hot path.
import { CostlyTask, type Compaction, type Stored } from '../port/engine.ts';
import { CorruptRow, type Head, type Sequence } from '../port/journal.ts';
import { bytesOf } from './bytes.ts';
import type { CoreContext } from './context.ts';
import type { Document } from './document.ts';
import {
  maxCostlyTasks,
  minTailBytes,
  minTailBytesAtRest,
  minTailEntries,
  minTailEntriesAtRest,
  pageBytes,
  snapshotBytesPerTailByte,
  snapshotBytesPerTailEntry,
} from './limits.ts';

export class Compactor {
  readonly #context: CoreContext;
  readonly #waiting = new Set<Document>();
  /** How often a document's compaction ran over its limits; and the tail at which one that failed is tried again. */
  readonly #strikes = new WeakMap<Document, number>();
  readonly #tryAgainAt = new WeakMap<Document, number>();
  #running: Promise<void> | undefined;
  #current: Document | undefined;
  #isStopped = false;

  constructor(context: CoreContext) {
    this.#context = context;
  }

  isAt(document: Document): boolean {
    return this.#current === document || this.#waiting.has(document);
  }

  /** Called after every commit. */
  consider(document: Document): void {
    const { entries, snapshotBytes } = document.tail;
    const isLong = entries >= Math.max(minTailEntries, snapshotBytes / snapshotBytesPerTailEntry);
    if (isLong || isLarge(document, minTailBytes)) this.#queue(document);
  }

  /** Called when a document comes to rest. */
  considerAtRest(document: Document): void {
    const isLong = document.tail.entries >= minTailEntriesAtRest;
    if (isLong || isLarge(document, minTailBytesAtRest)) this.#queue(document);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#waiting.clear();
    await this.#running;
  }

  #queue(document: Document): void {
    if (this.#isStopped || this.isAt(document)) return;
    if (document.tail.entries < (this.#tryAgainAt.get(document) ?? 0)) return;
    this.#waiting.add(document);
    this.#running ??= this.#run();
  }

  async #run(): Promise<void> {
    for (const document of this.#waiting) {
      this.#waiting.delete(document);
      this.#current = document;
      const began = this.#context.clock.now();
      const outcome = await this.#attempt(document);
      this.#context.observe.compacted((this.#context.clock.now() - began) / 1_000, outcome);
      this.#current = undefined;
    }
    // At once, not by a promise: what is queued between the two would wait for a run that has ended.
    this.#running = undefined;
  }

  async #attempt(document: Document): Promise<'done' | 'costly' | 'failed'> {
    const { incarnation } = document;
    try {
      await this.#compact(document);
      this.#strikes.delete(document);
      return 'done';
    } catch (error) {
      // What it was compacted from is no more.
      if (document.isDeleted || document.incarnation !== incarnation) return 'done';
      document.readingFailed(error);
      // Not at once again: when the tail is twice as long.
      this.#tryAgainAt.set(document, document.tail.entries * 2);
      const reason = error instanceof Error ? error.message : String(error);
      if (!(error instanceof CostlyTask)) {
        if (this.#isStopped) return 'failed';
        this.#context.observe.notice({ event: 'compaction-failed', document: document.id ?? 0, reason });
        return 'failed';
      }
      await this.#strike(document, reason);
      return 'costly';
    }
  }

  async #strike(document: Document, reason: string): Promise<void> {
    const strikes = (this.#strikes.get(document) ?? 0) + 1;
    this.#strikes.set(document, strikes);
    if (strikes < maxCostlyTasks) {
      this.#tryAgainAt.delete(document);
      return;
    }
    document.isCostly = true;
    this.#context.observe.notice({ event: 'document-costly', document: document.id!, reason });
    try {
      await this.#context.journal.markCostly(document.id!);
    } catch (error) {
      // It stays costly in memory; whoever opens it after that finds out again.
      const why = error instanceof Error ? error.message : String(error);
      this.#context.observe.notice({ event: 'compaction-failed', document: document.id!, reason: why });
    }
  }

  async #compact(document: Document): Promise<void> {
    const { head, tail, compaction } = await this.#attemptOn(document);
    if (compaction.rejected.length === 0) {
      await this.#replace(head, compaction, []);
      document.tail.entries -= head.tail.length;
      document.tail.bytes -= bytesOf(tail);
      document.tail.snapshotBytes = bytesOf(compaction.chunks);
      return;
    }
    // What is rejected leaves the version too, so nothing may be committed on top of it meanwhile.
    await document.whileSuspended(async () => {
      const again = await this.#attemptOn(document);
      const quarantined = again.compaction.rejected.map((index) => again.tail[index]!);
      const sequence = await this.#replace(again.head, again.compaction, quarantined);
      if (sequence !== undefined) document.digestChanged(sequence, again.compaction.digest);
      this.#context.observe.notice({
        event: 'update-quarantined',
        document: head.document,
        updates: quarantined.length,
      });
    });
  }

  async #attemptOn(document: Document): Promise<{ head: Head; tail: Uint8Array[]; compaction: Compaction }> {
    const { journal } = this.#context;
    const head = await journal.head(document.name);
    if (!head) throw new Error('a document without entries has nothing to compact');
    const tail = head.tail.flatMap((entry) => entry.updates);
    const stored: Stored = { version: head.snapshot?.version, chunks: await this.#chunks(head), tail };
    const engine = this.#context.engines.get(head.engine)!;
    const compaction = document.isCostly ? await engine.fold(stored) : await engine.compact(stored);
    return { head, tail, compaction };
  }

  async #chunks(head: Head): Promise<Uint8Array[]> {
    const chunks: Uint8Array[] = [];
    if (!head.snapshot) return chunks;
    for (let isLast = false; !isLast;) {
      const page = await this.#context.journal.chunks(
        head.document,
        head.snapshot.through,
        chunks.length,
        pageBytes,
      );
      if (page === 'replaced') throw new CorruptRow('a snapshot was replaced by somebody else');
      chunks.push(...page.chunks);
      isLast = page.isLast;
    }
    return chunks;
  }

  async #replace(
    head: Head,
    compaction: Compaction,
    quarantined: readonly Uint8Array[],
  ): Promise<Sequence | undefined> {
    const { version, chunks, digest } = compaction;
    return this.#context.journal.replace({
      document: head.document,
      incarnation: head.incarnation,
      through: head.sequence,
      version,
      chunks,
      quarantined,
      digest: quarantined.length > 0 ? digest : undefined,
    });
  }
}

function isLarge({ tail: { bytes, snapshotBytes } }: Document, minBytes: number): boolean {
  return bytes >= Math.max(minBytes, snapshotBytes / snapshotBytesPerTailByte);
}
