// The journal on SQLite: one writer thread that commits what has gathered while its last commit ran, and reader threads,
// so that the event loop never waits for a disk.
import { setImmediate, setTimeout } from 'node:timers';
import type { Transferable } from 'node:worker_threads';
import type { DocumentName } from '@syncline/shared';
import {
  type ChunkPage,
  CommitFailed,
  type Committed,
  CorruptRow,
  type Draft,
  type FeedPage,
  type Head,
  type Journal,
  type JournalStatistics,
  type LeafPage,
  type Listing,
  type LogPage,
  type Replacement,
  type Restoration,
  type Salvage,
  type Sequence,
  type TreeSums,
} from '../port/journal.ts';
import { type Memory, packBatch } from './batch.ts';
import { CommitQueue, type Gathered } from './commit-queue.ts';
import type { Identity } from './identity.ts';
import { Lineage } from './lineage.ts';
import { databasePath, StoreRefused } from './open.ts';
import type { ReadAnswer, ReadRequest } from './reader-thread.ts';
import { Thread } from './thread.ts';
import type { WriteAnswer, WriteRequest, WriterSettings, Written } from './writer-thread.ts';

export interface SqliteSettings extends WriterSettings {
  /** Called when a commit's outcome on the disk is unknown: nothing but reading the file again can tell, so the process must end. */
  readonly onFatal: (error: Error) => void;
  /** Called after each commit with the seconds it took and the updates it held. */
  readonly onCommit: (seconds: number, updates: number, isCommitted: boolean) => void;
  /** Called once for each document whose own row is damaged and that was left out of a list, in words. */
  readonly onDamaged?: (reason: string) => void;
}

/** One for whoever opens a document while another reads a large one. */
const readerThreads = 2;
/** Past this a commit begins with what it has: larger ones only delay everybody's acknowledgement. */
const maxBatchBytes = 8 * 1024 * 1024;
/** Damaged documents that are told once. A disk on which there are more is not spared. */
const maxDamagedTold = 1_000;

/**
 * A commit begins at the earliest this long after the one before it began. Whoever types alone never notices; a hundred who
 * type at once share a commit where they would have had five, which halves what an update costs.
 */
const minCommitIntervalMs = 2;

export class SqliteJournal implements Journal {
  readonly replica: Uint8Array;
  #digestKey: Uint8Array;
  #lineage: Lineage;
  #head: Sequence;
  readonly #writer: Thread<WriteRequest, WriteAnswer>;
  readonly #readers: Thread<ReadRequest, ReadAnswer>[];
  readonly #settings: SqliteSettings;
  readonly #queue = new CommitQueue();
  readonly #damagedTold = new Set<string>();
  #isCommitting = false;
  #isScheduled = false;
  #lastBeganMs = -Infinity;
  #onIdle: (() => void) | undefined;

  private constructor(
    settings: SqliteSettings,
    writer: Thread<WriteRequest, WriteAnswer>,
    readers: Thread<ReadRequest, ReadAnswer>[],
    { digestKey, replica, epochs, head }: Identity,
  ) {
    this.#settings = settings;
    this.#writer = writer;
    this.#readers = readers;
    this.#digestKey = digestKey;
    this.replica = replica;
    this.#lineage = new Lineage(epochs);
    this.#head = head;
  }

  /** Rejects with StoreRefused when the folder cannot be served from; it is then as it was. */
  static async open(settings: SqliteSettings): Promise<SqliteJournal> {
    const { folder, durability, digestKey } = settings;
    // Nothing can be promised of a store one of whose threads has ended.
    let isOpen = false;
    const onDeath = (error: Error): void => {
      if (isOpen) settings.onFatal(error);
    };
    const writer = new Thread<WriteRequest, WriteAnswer>(
      new URL('writer-thread.ts', import.meta.url),
      { folder, durability, digestKey } satisfies WriterSettings,
      onDeath,
    );
    const opened = await writer.next();
    if (opened.kind !== 'opened') {
      throw new StoreRefused(opened.kind === 'refused' ? opened.sentence : 'The store cannot be opened.');
    }
    const readers = Array.from(
      { length: readerThreads },
      () =>
        new Thread<ReadRequest, ReadAnswer>(
          new URL('reader-thread.ts', import.meta.url),
          databasePath(folder),
          onDeath,
        ),
    );
    // Each says that it has the database open.
    await Promise.all(readers.map((reader) => reader.next()));
    isOpen = true;
    return new SqliteJournal(settings, writer, readers, opened.identity);
  }

  get digestKey(): Uint8Array {
    return this.#digestKey;
  }

  get epoch(): Uint8Array {
    return this.#lineage.epoch;
  }

  get lastSequence(): Sequence {
    return this.#head;
  }

  isInLineage(epoch: Uint8Array, sequence: Sequence): boolean {
    return this.#lineage.includes(epoch, sequence, this.#head);
  }

  append(name: DocumentName, draft: () => Draft): Promise<Committed> {
    const committed = this.#queue.append(name, draft);
    this.#schedule();
    return committed;
  }

  async head(name: DocumentName): Promise<Head | undefined> {
    return (await this.#read({ kind: 'head', name })) as Head | undefined;
  }

  async log(document: number, after: Sequence, maxBytes: number): Promise<LogPage | 'compacted'> {
    return (await this.#read({ kind: 'log', document, after, maxBytes })) as LogPage | 'compacted';
  }

  async chunks(
    document: number,
    through: Sequence,
    from: number,
    maxBytes: number,
  ): Promise<ChunkPage | 'replaced'> {
    return (await this.#read({ kind: 'chunks', document, through, from, maxBytes })) as
      ChunkPage | 'replaced';
  }

  async replace(replacement: Replacement): Promise<Sequence | undefined> {
    const sequence = await this.#write({ kind: 'replace', replacement });
    this.#head = sequence ?? this.#head;
    return sequence;
  }

  async salvage(name: DocumentName): Promise<Salvage | undefined> {
    return (await this.#read({ kind: 'salvage', name })) as Salvage | undefined;
  }

  async restore(restoration: Restoration): Promise<Sequence> {
    return (this.#head = await this.#write({ kind: 'restore', restoration }));
  }

  async markCostly(document: number): Promise<void> {
    await this.#write({ kind: 'costly', document });
  }

  async beginEpoch(): Promise<Uint8Array> {
    this.#lineage = this.#lineage.followedBy(await this.#write({ kind: 'epoch' }));
    return this.epoch;
  }

  async feed(after: Sequence, maxListings: number): Promise<FeedPage> {
    return (await this.#read({ kind: 'feed', after, maxListings })) as FeedPage;
  }

  async countAfter(sequence: Sequence): Promise<number> {
    return (await this.#read({ kind: 'countAfter', sequence })) as number;
  }

  async named(alias: Uint8Array): Promise<DocumentName | undefined> {
    return (await this.#read({ kind: 'named', alias })) as DocumentName | undefined;
  }

  async listings(names: readonly DocumentName[]): Promise<readonly (Listing | undefined)[]> {
    return (await this.#read({ kind: 'listings', names })) as (Listing | undefined)[];
  }

  async sums(of: 'root' | 'branches' | number): Promise<TreeSums | undefined> {
    return this.#write({ kind: 'sums', of });
  }

  async leaf(leaf: number, after: string, maxListings: number): Promise<LeafPage> {
    return (await this.#read({ kind: 'leaf', leaf, after, maxListings })) as LeafPage;
  }

  async memories(): Promise<readonly Memory[]> {
    return (await this.#read({ kind: 'memories' })) as Memory[];
  }

  remember(key: Uint8Array, take: () => Uint8Array | undefined): Promise<void> {
    const remembered = this.#queue.remember(key, take);
    this.#schedule();
    return remembered;
  }

  /**
   * Puts another key in the place of the digest key, and under it the digest of every document that is not deleted, or
   * nothing of it. Sequences stay. Only while nothing is appended. Rejects with CommitFailed.
   */
  async rekey(
    key: Uint8Array,
    digests: readonly { readonly document: number; readonly digest: Uint8Array }[],
  ): Promise<void> {
    const packed = new Uint8Array(digests.length * 16);
    digests.forEach(({ digest }, index) => packed.set(digest, index * 16));
    const documents = Float64Array.from(digests, ({ document }) => document);
    await this.#write({ kind: 'rekey', key, digests: { documents, digests: packed } });
    this.#digestKey = key;
  }

  async statistics(): Promise<JournalStatistics> {
    return (await this.#read({ kind: 'statistics' })) as JournalStatistics;
  }

  async stop(): Promise<void> {
    if (this.#isCommitting || !this.#queue.isEmpty) {
      await new Promise<void>((resolve) => (this.#onIdle = resolve));
    }
    // Readers first: the last connection to close is then the writer's, which checkpoints the log.
    const threads = [...this.#readers, this.#writer];
    for (const thread of threads) await thread.close({ kind: 'close' });
  }

  /** At the end of the turn, when every socket that was readable has been read. */
  #schedule(): void {
    if (this.#isScheduled || this.#isCommitting || this.#queue.isEmpty) return;
    this.#isScheduled = true;
    const begin = (): void => {
      this.#isScheduled = false;
      void this.#commit();
    };
    const waitMs = this.#lastBeganMs + minCommitIntervalMs - performance.now();
    if (waitMs > 0) setTimeout(begin, waitMs);
    else setImmediate(begin);
  }

  async #commit(): Promise<void> {
    this.#isCommitting = true;
    this.#lastBeganMs = performance.now();
    const gathered = this.#queue.gather(maxBatchBytes);
    const isSomething = gathered.drafts.length + gathered.memories.length > 0;
    let committed: Committed[] | undefined = [];
    try {
      if (isSomething) committed = await this.#committed(gathered);
    } catch (error) {
      committed = undefined;
      gathered.failed(error as CommitFailed);
    }
    this.#isCommitting = false;
    if (isSomething) this.#tell(gathered, committed !== undefined);
    if (committed) {
      this.#head = committed.at(-1)?.sequence ?? this.#head;
      gathered.committed(committed);
    }
    // The documents append again in the continuations of these promises, which run before the scheduled turn.
    if (this.#queue.isEmpty) this.#onIdle?.();
    else this.#schedule();
  }

  async #committed({ drafts, memories }: Gathered): Promise<Committed[]> {
    const batch = packBatch(drafts, memories);
    const transfer = [batch.data.buffer as ArrayBuffer, batch.numbers.buffer as ArrayBuffer];
    const { first, documents } = await this.#write({ kind: 'commit', batch }, transfer);
    return documents.map((document, index) => ({ document, sequence: first + index }));
  }

  #tell({ drafts }: Gathered, isCommitted: boolean): void {
    const updates = drafts.reduce((sum, { draft }) => sum + draft.updates.length, 0);
    this.#settings.onCommit((performance.now() - this.#lastBeganMs) / 1_000, updates, isCommitted);
  }

  /** The one place that judges how a write ended. Rejects with CommitFailed. */
  async #write<Kind extends keyof Written>(
    request: WriteRequest & { readonly kind: Kind },
    transfer: readonly Transferable[] = [],
  ): Promise<Written[Kind]> {
    let answer: WriteAnswer;
    try {
      answer = await this.#writer.ask(request, transfer);
    } catch (error) {
      throw new CommitFailed(String(error));
    }
    if (answer.kind === 'done') return answer.result as Written[Kind];
    const { code, message } = answer as Extract<WriteAnswer, { kind: 'failed' }>;
    // After a failed fsync the kernel may have dropped the pages: a later success would say nothing of them.
    if (code === 'SQLITE_IOERR_FSYNC') this.#settings.onFatal(new Error(`fsync failed: ${message}`));
    throw new CommitFailed(message);
  }

  async #read(request: ReadRequest): Promise<unknown> {
    const idlest = this.#readers.reduce((best, thread) => (thread.depth < best.depth ? thread : best));
    const answer = await idlest.ask(request);
    if (answer.kind === 'read') {
      for (const reason of answer.damaged) this.#isDamaged(reason);
      return answer.result;
    }
    throw answer.isCorrupt ? new CorruptRow(answer.message) : new Error(answer.message);
  }

  #isDamaged(reason: string): void {
    if (this.#damagedTold.has(reason)) return;
    if (this.#damagedTold.size < maxDamagedTold) this.#damagedTold.add(reason);
    this.#settings.onDamaged?.(reason);
  }
}
